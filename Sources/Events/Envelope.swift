/// An event with its position in its channel, as Redis has it: `\x01ft1:<epoch>:<sequence>:<ms>\n<event>`.
///
/// On the channels of users and teams the header continues with
/// `:<task's channel>\t<owner>\t<progress>\t<status>\n`, each but the first possibly empty: the event and its position
/// are those of the task's channel. In a history it continues with
/// `:=<progress>\t<status>\t<current stage>\t<completed stages>\n`, each possibly empty, the stages in JSON: what was
/// known of the task with the event.
public struct Envelope: Equatable, Sendable {
    /// The epoch that `sequence` counts in.
    public var epoch: String
    /// The event's number in its epoch, from 1.
    public var sequence: UInt64
    /// Redis time at publication, milliseconds since 1970.
    public var milliseconds: Int64
    /// The task of the event, on its owner's or its team's channel.
    public var subject: Subject?
    /// What was known with the event, in a history.
    public var knowledge: Knowledge?
    /// Where the event's JSON begins in the payload, in bytes.
    public var bodyOffset: Int

    /// The first bytes of every envelope.
    public static let magic: [UInt8] = [0x01, 0x66, 0x74, 0x31, 0x3A]  // \x01ft1:

    /// Epochs are base 36 of a time in microseconds: 11 digits until the year 6429. 15 is what a Swift String holds in place.
    public static let maxEpochBytes = 15

    /// A task on another channel, and how it stands.
    public struct Subject: Equatable, Sendable {
        /// The task's channel.
        public var channel: String
        /// The owner, whom a separate channel tells; nil there, and for a task without one.
        public var owner: String?
        /// The last progress, as JSON text.
        public var progress: String?
        /// The last status.
        public var status: String?

        /// Two ids of at most 128 bytes, a number, a status, tabs and a line feed.
        static let maxBytes = 5 + 128 + 128 + EventLimits.maxProgressBytes + TaskKnowledge.maxStatusBytes + 4
    }

    /// What was known of a task with an event, as the history keeps it; nil for fields that no event had.
    public struct Knowledge: Equatable, Sendable {
        /// The progress as JSON text.
        public var progress: [UInt8]?
        /// The status, in the worker's own word.
        public var status: [UInt8]?
        /// The current stage, as a JSON string.
        public var currentStage: [UInt8]?
        /// The completed stages, as a JSON array.
        public var completedStages: [UInt8]?
    }

    /// The result of reading a payload.
    public enum Reading: Equatable, Sendable {
        /// No envelope: the whole payload is the event.
        case plain
        /// An envelope; the event begins at its `bodyOffset`.
        case sequenced(Envelope)
        /// Starts like an envelope and is none. Nothing in it may be trusted.
        case forged
    }

    /// Reads the header of a payload, without reading the event after it.
    public static func read(_ payload: UnsafeRawBufferPointer) -> Reading {
        guard payload.first == magic[0] else { return .plain }
        guard payload.count > magic.count, payload.prefix(magic.count).elementsEqual(magic) else { return .forged }
        var scanner = HeaderScanner(bytes: payload, offset: magic.count)
        guard let epoch = scanner.epoch(), let sequence = scanner.number(until: 0x3A),
            let milliseconds = scanner.number(until: 0x0A, or: 0x3A), sequence > 0, milliseconds <= UInt64(Int64.max)
        else { return .forged }
        var envelope = Envelope(epoch: epoch, sequence: sequence, milliseconds: Int64(milliseconds), bodyOffset: 0)
        if payload[scanner.offset - 1] == 0x3A {
            if scanner.skip(0x3D) {
                guard let knowledge = scanner.knowledge() else { return .forged }
                envelope.knowledge = knowledge
            } else {
                guard let subject = scanner.subject() else { return .forged }
                envelope.subject = subject
            }
        }
        envelope.bodyOffset = scanner.offset
        return .sequenced(envelope)
    }
}

/// Reads an envelope's header, field by field.
private struct HeaderScanner {
    let bytes: UnsafeRawBufferPointer
    var offset: Int

    /// Lower-case base 36, ended by a colon.
    mutating func epoch() -> String? {
        let start = offset
        while offset < bytes.count, offset - start <= Envelope.maxEpochBytes {
            let byte = bytes[offset]
            if byte == 0x3A {
                guard offset > start else { return nil }
                let text = String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                return text
            }
            guard (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) else { return nil }
            offset += 1
        }
        return nil
    }

    /// Skips `byte` where it comes next.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    /// Four fields between tabs, ended by a line feed.
    mutating func knowledge() -> Envelope.Knowledge? {
        let rest = bytes[offset...]
        guard let end = rest.firstIndex(of: 0x0A) else { return nil }
        let parts = rest[..<end].split(separator: 0x09, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        offset = end + 1
        func field(_ index: Int) -> [UInt8]? { parts[index].isEmpty ? nil : Array(parts[index]) }
        return Envelope.Knowledge(
            progress: field(0), status: field(1), currentStage: field(2), completedStages: field(3))
    }

    /// Four fields between tabs, ended by a line feed.
    mutating func subject() -> Envelope.Subject? {
        let rest = bytes[offset...].prefix(Envelope.Subject.maxBytes)
        guard let end = rest.firstIndex(of: 0x0A) else { return nil }
        let parts = rest[..<end].split(separator: 0x09, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.count == 4, !parts[0].isEmpty else { return nil }
        offset = end + 1
        func field(_ index: Int) -> String? { parts[index].isEmpty ? nil : parts[index] }
        return Envelope.Subject(channel: parts[0], owner: field(1), progress: field(2), status: field(3))
    }

    /// Decimal digits, ended by a terminator; nil on anything else and on overflow.
    mutating func number(until terminator: UInt8, or other: UInt8? = nil) -> UInt64? {
        let start = offset
        var value: UInt64 = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == terminator || byte == other { return offset - 1 > start ? value : nil }
            guard (0x30...0x39).contains(byte) else { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(UInt64(byte - 0x30))
            if overflow || carry { return nil }
            value = sum
        }
        return nil
    }
}
