import Columnar
import SQLTypes

/// Casts among date, time and timestamp types.
///
/// ```
/// timestamp(p<=6)  Int64 micros ┐                        ┌ rounded to the target's precision, halves up
/// timestamp(p>6)   Int128 picos ┴→ local picoseconds ───→┤
/// ... with zone    Int128 packed → UTC picoseconds       └ a zone is taken from the session, or dropped for local time
/// ```
enum DateTimeCasts {
    static func make(
        from source: DataType, to target: DataType, isTry: Bool, context: EvaluationContext
    ) throws -> CastKernel {
        let zone = try TimeZone.required(context.timeZone)
        switch (source, target) {
        case (.date, .timestamp(let precision)) where precision <= 6:
            return { Kernel.unary($0, $1, as: target, Int32.self, Int64.self) { Int64($0) &* TimeUnit.microsPerDay } }
        case (.date, .timestamp):
            let day = Int128(TimeUnit.picosPerDay)
            return { Kernel.unary($0, $1, as: target, Int32.self, Int128.self) { Int128($0) &* day } }
        case (.date, .timestampWithTimeZone):
            return {
                Kernel.unary($0, $1, as: target, Int32.self, Int128.self) { days in
                    let local = Int128(days) * Int128(TimeUnit.picosPerDay)
                    return DateTimeMath.packed(DateTimeMath.utcPicos(local: local, in: zone), zone.id)
                }
            }
        case (.timestamp(let a), .timestamp(let b)): return timestamps(a, b, target)
        case (.timestamp(let a), .date):
            if a <= 6 {
                return {
                    Kernel.unary($0, $1, as: target, Int64.self, Int32.self) {
                        Int32(truncatingIfNeeded: floorDivide($0, TimeUnit.microsPerDay))
                    }
                }
            }
            return {
                Kernel.unary($0, $1, as: target, Int128.self, Int32.self) {
                    Int32(truncatingIfNeeded: floorDivide($0, Int128(TimeUnit.picosPerDay)))
                }
            }
        case (.timestamp, .time(let precision)):
            return local(source) { picos in timeOfDay(picos, precision) }
                .map(Int64.self, target)
        case (.timestamp, .timestampWithTimeZone(let precision)):
            return local(source) { picos in
                let rounded = DateTimeMath.round(picos, to: Decimal.power(12 - precision))
                return DateTimeMath.packed(DateTimeMath.utcPicos(local: rounded, in: zone), zone.id)
            }.map(Int128.self, target)
        case (.timestamp, .timeWithTimeZone(let precision)):
            return local(source) { picos in
                let time = timeOfDay(picos, precision)
                return DateTimeMath.packedTime(local: time, offsetMinutes: offsetMinutes(zone, local: picos))
            }.map(Int128.self, target)
        case (.timestampWithTimeZone, .timestampWithTimeZone(let precision)):
            let unit = Decimal.power(12 - precision)
            return {
                Kernel.unary($0, $1, as: target, Int128.self, Int128.self) { packed in
                    let picos = DateTimeMath.round(DateTimeMath.picos(packed: packed), to: unit)
                    return DateTimeMath.packed(picos, DateTimeMath.zoneId(packed: packed))
                }
            }
        case (.timestampWithTimeZone, .timestamp(let precision)):
            if precision <= 6 {
                return zoned { picos in micros(picos, precision) }.map(Int64.self, target)
            }
            return zoned { picos in DateTimeMath.round(picos, to: Decimal.power(12 - precision)) }.map(
                Int128.self, target)
        case (.timestampWithTimeZone, .date):
            return zoned { picos in Int32(truncatingIfNeeded: floorDivide(picos, Int128(TimeUnit.picosPerDay))) }
                .map(Int32.self, target)
        case (.timestampWithTimeZone, .time(let precision)):
            return zoned { picos in timeOfDay(picos, precision) }.map(Int64.self, target)
        case (.timestampWithTimeZone, .timeWithTimeZone(let precision)):
            return {
                Kernel.unary($0, $1, as: target, Int128.self, Int128.self) { packed in
                    let own = TimeZone.zone(id: DateTimeMath.zoneId(packed: packed))
                    let utc = DateTimeMath.picos(packed: packed)
                    let local = DateTimeMath.localPicos(utc: utc, in: own)
                    let minutes = Int(truncatingIfNeeded: (local - utc) / Int128(60 * TimeUnit.picosPerSecond))
                    return DateTimeMath.packedTime(local: timeOfDay(local, precision), offsetMinutes: clamped(minutes))
                }
            }
        case (.time, .time(let precision)):
            return {
                Kernel.unary($0, $1, as: target, Int64.self, Int64.self) { timeOfDay(Int128($0), precision) }
            }
        case (.time, .timeWithTimeZone(let precision)):
            let now = Int128(context.startMicroseconds) * Int128(TimeUnit.picosPerMicro)
            let minutes = offsetMinutes(zone, local: now)
            return {
                Kernel.unary($0, $1, as: target, Int64.self, Int128.self) {
                    DateTimeMath.packedTime(local: timeOfDay(Int128($0), precision), offsetMinutes: minutes)
                }
            }
        case (.timeWithTimeZone, .time(let precision)):
            return {
                Kernel.unary($0, $1, as: target, Int128.self, Int64.self) {
                    timeOfDay(Int128(DateTimeMath.localTime(packed: $0)), precision)
                }
            }
        case (.timeWithTimeZone, .timeWithTimeZone(let precision)):
            return {
                Kernel.unary($0, $1, as: target, Int128.self, Int128.self) { packed in
                    let minutes = TimeZone.fixedMinutes(id: DateTimeMath.zoneId(packed: packed)) ?? 0
                    let time = timeOfDay(Int128(DateTimeMath.localTime(packed: packed)), precision)
                    return DateTimeMath.packedTime(local: time, offsetMinutes: minutes)
                }
            }
        case (.time, _), (.timeWithTimeZone, _):
            // The day is that of the query's start.
            return timeToTimestamp(source, target, zone, context)
        default: return { argument, _ in argument.retyped(target) }
        }
    }

    private static func timestamps(_ from: Int, _ to: Int, _ target: DataType) -> CastKernel {
        switch (from <= 6, to <= 6) {
        case (true, true):
            if to >= from { return { argument, _ in argument.retyped(target) } }
            let unit = Decimal.shortPowers[6 - to]
            return { Kernel.unary($0, $1, as: target, Int64.self, Int64.self) { DateTimeMath.round($0, to: unit) } }
        case (true, false):
            return {
                Kernel.unary($0, $1, as: target, Int64.self, Int128.self) {
                    Int128($0) &* Int128(TimeUnit.picosPerMicro)
                }
            }
        case (false, true):
            return { Kernel.unary($0, $1, as: target, Int128.self, Int64.self) { micros($0, to) } }
        case (false, false):
            if to >= from { return { argument, _ in argument.retyped(target) } }
            let unit = Decimal.power(12 - to)
            return { Kernel.unary($0, $1, as: target, Int128.self, Int128.self) { DateTimeMath.round($0, to: unit) } }
        }
    }

    /// Picoseconds as microseconds rounded to a precision of 0 to 6.
    private static func micros(_ picos: Int128, _ precision: Int) -> Int64 {
        Int64(
            truncatingIfNeeded: DateTimeMath.round(picos, to: Decimal.power(12 - precision))
                / Int128(TimeUnit.picosPerMicro))
    }

    private static func timeOfDay(_ picos: Int128, _ precision: Int) -> Int64 {
        let day = Int64(truncatingIfNeeded: floorModulo(picos, Int128(TimeUnit.picosPerDay)))
        return DateTimeMath.round(day, to: Decimal.shortPowers[12 - precision]) % TimeUnit.picosPerDay
    }

    private static func offsetMinutes(_ zone: TimeZone, local picos: Int128) -> Int {
        let seconds = Int64(truncatingIfNeeded: floorDivide(picos, Int128(TimeUnit.picosPerSecond)))
        return clamped(Int(zone.offset(atLocal: seconds) / 60))
    }

    private static func clamped(_ minutes: Int) -> Int { min(max(minutes, -840), 840) }

    private static func timeToTimestamp(
        _ source: DataType, _ target: DataType, _ zone: TimeZone, _ context: EvaluationContext
    ) -> CastKernel {
        let now = DateTimeMath.localPicos(
            utc: Int128(context.startMicroseconds) * Int128(TimeUnit.picosPerMicro), in: zone)
        let midnight = floorDivide(now, Int128(TimeUnit.picosPerDay)) * Int128(TimeUnit.picosPerDay)
        return { argument, rows in
            var values = [Value](repeating: .null, count: rows.count)
            rows.forEach { row in
                let time: Int64
                var own = zone
                switch argument.value(at: row) {
                case .int(let picos): time = picos
                case .int128(let packed):
                    time = DateTimeMath.localTime(packed: packed)
                    own = TimeZone.zone(id: DateTimeMath.zoneId(packed: packed))
                default: return
                }
                let local = midnight + Int128(time)
                switch target {
                case .timestamp(let precision):
                    values[row] = DateTimeMath.timestamp(picos: local, precision: precision) ?? .null
                case .timestampWithTimeZone(let precision):
                    let rounded = DateTimeMath.round(local, to: Decimal.power(12 - precision))
                    values[row] = .int128(DateTimeMath.packed(DateTimeMath.utcPicos(local: rounded, in: own), own.id))
                default: break
                }
            }
            return Vector.fromValues(values, target)
        }
    }

    /// A conversion of local picoseconds, to be applied to the lanes of one source layout.
    private struct PicosConversion<R> {
        enum Source { case micros, picos, packed }
        let source: Source
        let convert: (Int128) -> R

        func map(_: R.Type, _ target: DataType) -> CastKernel {
            let convert = convert
            switch source {
            case .micros:
                return {
                    Kernel.unary($0, $1, as: target, Int64.self, R.self) {
                        convert(Int128($0) &* Int128(TimeUnit.picosPerMicro))
                    }
                }
            case .picos: return { Kernel.unary($0, $1, as: target, Int128.self, R.self) { convert($0) } }
            case .packed:
                return {
                    Kernel.unary($0, $1, as: target, Int128.self, R.self) { packed in
                        let zone = TimeZone.zone(id: DateTimeMath.zoneId(packed: packed))
                        return convert(DateTimeMath.localPicos(utc: DateTimeMath.picos(packed: packed), in: zone))
                    }
                }
            }
        }
    }

    private static func local<R>(_ source: DataType, _ convert: @escaping (Int128) -> R) -> PicosConversion<R> {
        PicosConversion(source: source.physical == .int64 ? .micros : .picos, convert: convert)
    }

    private static func zoned<R>(_ convert: @escaping (Int128) -> R) -> PicosConversion<R> {
        PicosConversion(source: .packed, convert: convert)
    }
}
