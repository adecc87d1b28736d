@testable import Events
@testable import Store

/// The header of Redis' messages.
enum EnvelopeFuzz {
    static let header = FuzzTarget(name: "envelope", seeds: { seeds.map { Array($0.utf8) } }) { input in
        let reading = input.withUnsafeBytes { Envelope.read($0) }
        switch reading {
        case .plain: demand(input.first != Envelope.magic[0], "an envelope taken for an event")
        case .forged: demand(input.first == Envelope.magic[0], "an event taken for an envelope")
        case .sequenced(let envelope): check(envelope, input)
        }
    }

    private static func check(_ envelope: Envelope, _ input: [UInt8]) {
        demand(envelope.bodyOffset <= input.count && input[envelope.bodyOffset - 1] == 0x0A, "the body is elsewhere")
        demand((1...Envelope.maxEpochBytes).contains(envelope.epoch.utf8.count), "an epoch of another length")
        demand(envelope.sequence > 0 && envelope.milliseconds >= 0, "a place before the first")
        let longer = (input + Array("more".utf8)).withUnsafeBytes { Envelope.read($0) }
        demand(longer == .sequenced(envelope), "what follows the header changes it")
        guard envelope.subject.map({ $0.isText }) != false else { return }
        let header = text(of: envelope)
        var expected = envelope
        expected.bodyOffset = header.count
        demand(header.withUnsafeBytes { Envelope.read($0) } == .sequenced(expected), "written anew, it reads otherwise")
        demand(header.count <= envelope.bodyOffset, "written anew, it is longer")
        for count in 1..<header.count {
            let short = header.prefix(count).withUnsafeBytes { Envelope.read($0) }
            demand(short == .forged, "cut short to \(count) bytes, it is still an envelope")
        }
    }

    private static func text(of envelope: Envelope) -> [UInt8] {
        var bytes = Array("\u{1}ft1:\(envelope.epoch):\(envelope.sequence):\(envelope.milliseconds)".utf8)
        if let subject = envelope.subject {
            let text = ":\(subject.channel)\t\(subject.owner ?? "")\t\(subject.progress ?? "")\t\(subject.status ?? "")"
            bytes += Array(text.utf8)
        } else if let known = envelope.knowledge {
            let fields = [known.progress, known.status, known.currentStage, known.completedStages].map { $0 ?? [] }
            bytes += Array(":=".utf8) + fields.joined(separator: [0x09])
        }
        return bytes + [0x0A]
    }

    private static let seeds = [
        "\u{1}ft1:h2x9k3:12:1763010000000\n{\"progress\":45}", "{\"progress\":45}",
        "\u{1}ft1:1:1:0:task:a\tuser\t45\tRUNNING\n{}",
        "\u{1}ft1:1:18446744073709551615:9223372036854775807:task:a\t\t\t\n",
        "\u{1}ft1:h2x9k3:12:1763010000000:=45\tRUNNING\t\"b\"\t[\"a\"]\n{\"progress\":45}",
        "\u{1}ft1:1:1:0:=\t\t\t\n{}",
    ]
}

extension Envelope.Subject {
    /// Whether nothing in it was repaired: it came as UTF-8.
    fileprivate var isText: Bool {
        [channel, owner ?? "", progress ?? "", status ?? ""].allSatisfy { !$0.unicodeScalars.contains("\u{FFFD}") }
    }
}
