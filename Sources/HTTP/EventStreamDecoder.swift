/// Reads server-sent events, in any pieces (HTML Standard, 9.2.6): for clients of Fantail's event streams.
public struct EventStreamDecoder: Sendable {
    /// An event as dispatched.
    public struct Event: Sendable, Equatable {
        /// Its `event`, or `message`.
        public var type: String
        /// The lines of its `data`, with line feeds between them.
        public var data: [UInt8]
        /// The last `id`, with it or before it.
        public var id: String

        /// An event with all its parts.
        public init(type: String, data: [UInt8], id: String) {
            self.type = type
            self.data = data
            self.id = id
        }
    }

    /// The event is longer than the bound.
    public struct TooLarge: Error {}

    private let maxBytes: Int
    private var line: [UInt8] = []
    private var type = ""
    private var data: [UInt8]?
    private var id = ""
    private var lastWasReturn = false
    private var isFirstLine = true

    /// A decoder at the start of a stream. An event holds at most `maxBytes` bytes of data, a line little more.
    public init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// Takes received bytes; returns the events that they complete, in order.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(TooLarge) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            switch byte {
            case 0x0A where lastWasReturn: break  // CR LF is one line end.
            case 0x0A, 0x0D:
                if let event = endLine() { events.append(event) }
            default:
                guard line.count <= maxBytes + 64 else { throw TooLarge() }
                line.append(byte)
            }
            lastWasReturn = byte == 0x0D
            guard (data?.count ?? 0) <= maxBytes else { throw TooLarge() }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == 0x20 { value.removeFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            if data != nil { data!.append(0x0A) }
            data = (data ?? []) + value
        case "event": type = String(decoding: value, as: UTF8.self)
        case "id" where !value.contains(0): id = String(decoding: value, as: UTF8.self)
        default: break  // A comment, `retry`, or nothing that is known.
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer { (type, data) = ("", nil) }
        guard let data else { return nil }
        return Event(type: type.isEmpty ? "message" : type, data: data, id: id)
    }
}
