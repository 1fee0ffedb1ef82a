/// Instants as text for people: `2026-01-31 23:59:59` UTC.
public enum CivilTime {
    public static func text(seconds: Int64) -> String {
        ValueText.print(.int(seconds &* 1_000_000), .timestamp(precision: 0))
    }

    public static func text(milliseconds: Int64) -> String {
        ValueText.print(.int(milliseconds &* 1000), .timestamp(precision: 3))
    }
}
