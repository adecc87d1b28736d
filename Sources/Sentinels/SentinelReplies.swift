package import RESP

/// Reads the replies of Sentinels.
package enum SentinelReplies {
    private static let maxHostBytes = 255

    /// The reply of the Sentinel at `address` to GET-MASTER-ADDR-BY-NAME: host and port, or nil for an unknown name.
    package static func master(_ reply: RedisValue, of address: RedisEndpoint.Address) -> SentinelWatch.Event {
        if reply.isNull { return .answered(address, nil) }
        guard let words = reply.array, words.count == 2, let master = self.address(words[0], words[1]) else {
            return .failed(address, .nonsense("expected the master's address, got another reply"))
        }
        return .answered(address, master)
    }

    /// The reply to SENTINELS: an array of alternating names and values for each. Skips those that the loop cannot ask.
    package static func peers(_ reply: RedisValue) -> [SentinelWatch.Peer] {
        (reply.array ?? []).compactMap { peer in
            let fields = fields(peer.array ?? [])
            guard let host = fields["ip"], let port = fields["port"], let id = fields["runid"]?.string, !id.isEmpty,
                let address = address(host, port)
            else { return nil }
            return SentinelWatch.Peer(address: address, id: id)
        }
    }

    private static func fields(_ words: [RedisValue]) -> [String: RedisValue] {
        var fields: [String: RedisValue] = [:]
        var rest = words[...]
        while let name = rest.popFirst(), let value = rest.popFirst() {
            if let name = name.string { fields[name] = value }
        }
        return fields
    }

    private static func address(_ host: RedisValue, _ port: RedisValue) -> RedisEndpoint.Address? {
        guard let host = host.string, !host.isEmpty, host.utf8.count <= maxHostBytes,
            host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let port = port.integer.flatMap(UInt16.init(exactly:)), port > 0
        else { return nil }
        return .tcp(host: host, port: port)
    }
}
