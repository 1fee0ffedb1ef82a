import Synchronization

/// Parsed footers by file, kept between queries. A file that was changed within two seconds of being cached is read
/// again.
public final class FooterCache: Sendable {
    private struct Cached {
        var entry: FileEntry
        var footer: any Sendable
        var cachedAt: Int64
    }

    private let cache = Mutex<[String: Cached]>([:])
    /// Files kept at most.
    private let limit: Int

    public init(limit: Int = 20_000) { self.limit = limit }

    /// The footer of `entry`, parsed now when it is not cached. `now` is nanoseconds since 1970.
    public func footer<Footer: Sendable>(
        _ entry: FileEntry, now: Int64, parse: () throws -> Footer
    ) throws -> Footer {
        let kept = cache.withLock { $0[entry.path] }
        if let kept, kept.entry == entry, kept.cachedAt - kept.entry.modified > 2_000_000_000,
            let footer = kept.footer as? Footer
        {
            return footer
        }
        let footer = try parse()
        cache.withLock { cache in
            if cache.count >= limit { cache.removeAll(keepingCapacity: true) }
            cache[entry.path] = Cached(entry: entry, footer: footer, cachedAt: now)
        }
        return footer
    }
}
