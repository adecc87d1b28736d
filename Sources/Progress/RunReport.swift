/// Messages from the process that runs a command to the one that publishes its progress, each as one packet.
///
/// A packet is its kind, one byte, and the contents; numbers are little-endian.
public enum RunReport: Equatable, Sendable {
    /// The command wrote output. `lacks`: output before these bytes is missing.
    case output([UInt8], from: OutputReader.Source, lacks: Bool)
    /// The command has ended, after so many milliseconds. `status` is that of waitpid(2).
    case ended(status: Int32, milliseconds: UInt64)
    /// The command was not started: the exit code, and the reason.
    case notStarted(exitCode: Int32, reason: String)

    /// Bytes of the longest packet.
    public static let maxBytes = ReadingLimits.chunkBytes + 64

    private enum Kind: UInt8 {
        case output = 1
        case error, outputAfterGap, errorAfterGap, ended, notStarted
    }

    /// The bytes to send: a byte of ``Kind``, then what belongs to it.
    public var packet: [UInt8] {
        switch self {
        case .output(let bytes, .output, let lacks): [(lacks ? Kind.outputAfterGap : .output).rawValue] + bytes
        case .output(let bytes, .error, let lacks): [(lacks ? Kind.errorAfterGap : .error).rawValue] + bytes
        case .ended(let status, let milliseconds):
            [Kind.ended.rawValue] + Self.bytes(UInt32(bitPattern: status)) + Self.bytes(milliseconds)
        case .notStarted(let exitCode, let reason):
            [Kind.notStarted.rawValue] + Self.bytes(UInt32(bitPattern: exitCode))
                + reason.utf8.prefix(ReadingLimits.chunkBytes)
        }
    }

    /// Reads a packet; nil where it is none.
    public init?(packet: UnsafeRawBufferPointer) {
        guard let kind = packet.first.flatMap(Kind.init(rawValue:)) else { return nil }
        let rest = packet.dropFirst()
        switch kind {
        case .output: self = .output(Array(rest), from: .output, lacks: false)
        case .error: self = .output(Array(rest), from: .error, lacks: false)
        case .outputAfterGap: self = .output(Array(rest), from: .output, lacks: true)
        case .errorAfterGap: self = .output(Array(rest), from: .error, lacks: true)
        case .ended:
            guard rest.count == 12 else { return nil }
            self = .ended(
                status: Int32(truncatingIfNeeded: Self.number(rest.prefix(4))),
                milliseconds: Self.number(rest.dropFirst(4)))
        case .notStarted:
            guard rest.count >= 4 else { return nil }
            self = .notStarted(
                exitCode: Int32(truncatingIfNeeded: Self.number(rest.prefix(4))),
                reason: String(decoding: rest.dropFirst(4), as: UTF8.self))
        }
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
