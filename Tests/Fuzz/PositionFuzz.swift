import JSON

@testable import Events
@testable import Dialects
@testable import Hub

/// Positions in a channel, from clients and forgers.
enum PositionFuzz {
    /// `Last-Event-ID` and the `since` of a query.
    static let texts = FuzzTarget(name: "last-event-id", seeds: { textSeeds.map { Array($0.utf8) } }) { input in
        let text = String(decoding: input, as: UTF8.self)
        if let sequence = Position.sequence(text) {
            demand(!text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }, "not of digits: \(text)")
            demand(Position.sequence("\(sequence)") == sequence, "written anew, it is another")
        }
        if let position = ServerSentEvent.position(text) {
            let again = "\(position.epoch):\(position.sequence)"
            demand(ServerSentEvent.position(again) == position, "written anew, it is another place: \(again)")
            demand(Identifier.isValid(position.epoch.utf8), "an epoch that is none: \(position.epoch)")
        }
        guard let object = try? JSONParser(maxBytes: 65_536).object(input), let position = object.position else {
            return
        }
        demand(Identifier.isValid(position.epoch.utf8), "an epoch that is none: \(position.epoch)")
        if let number = object["sequence"]?.integer, number >= 0 {
            demand(position.sequence == UInt64(number), "another number than was said")
        } else {
            demand(position.sequence == .max, "a place within reach: \(position)")
        }
    }

    /// The kept messages of a channel, compared with a plain list: nine bytes a step, an operation and a number. The
    /// third and fourth bits of the operation say whether the number is absolute or relative to the last one kept.
    static let memory = FuzzTarget(name: "positions", seeds: { memorySeeds }) { input in
        var recent = RecentEvents()
        var kept: [Position] = []
        var rest = input[...]
        while rest.count >= 9 {
            let (operation, bytes) = (rest.first!, rest.dropFirst().prefix(8))
            rest = rest.dropFirst(9)
            var number = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if operation & 4 != 0 { number = (kept.last?.sequence ?? 0) &+ (operation & 8 != 0 ? number % 4 : 1) }
            let position = Position(epoch: operation & 2 == 0 ? "a" : "b", sequence: number)
            if operation & 1 == 0 {
                append(position, in: &recent, &kept)
            } else {
                check(recent.after(position), kept, position)
            }
        }
    }

    private static func append(_ position: Position, in recent: inout RecentEvents, _ kept: inout [Position]) {
        let payload = Array("\(position.epoch):\(position.sequence)".utf8)
        payload.withUnsafeBytes { recent.append(position, $0, TaskKnowledge()) }
        let (next, overflow) = (kept.last?.sequence ?? 0).addingReportingOverflow(1)
        if kept.last?.epoch != position.epoch || next != position.sequence || overflow { kept = [] }
        kept.append(position)
        if kept.count > RecentEvents.maxCount { kept.removeFirst() }
    }

    private static func check(_ answer: ArraySlice<RecentEvents.Message>?, _ kept: [Position], _ since: Position) {
        let texts = answer?.map { String(decoding: $0.payload, as: UTF8.self) }
        guard let first = kept.first, let last = kept.last, since.epoch == first.epoch,
            since.sequence <= last.sequence, first.sequence == 0 || since.sequence >= first.sequence - 1
        else {
            // Before the number 0, which no event has, comes the last possible one.
            demand(texts == nil || kept.first?.sequence == 0, "after \(since): \(texts!), kept: \(kept)")
            return
        }
        let expected = kept.filter { $0.sequence > since.sequence }.map { "\($0.epoch):\($0.sequence)" }
        demand(texts == expected, "after \(since): \(String(describing: texts)), expected \(expected)")
    }

    private static let textSeeds = [
        "h2x9k3:12", "18446744073709551615", "e:18446744073709551616", "0", "-1",
        #"{"epoch":"e","sequence":18446744073709551615}"#,
        #"{"epoch":"e","sequence":-1}"#, #"{"epoch":"e","sequence":7}"#, #"{"epoch":"e","sequence":1e30}"#,
    ]

    private static let memorySeeds: [[UInt8]] = {
        let most = [UInt8](repeating: 255, count: 8)
        let four = [UInt8](repeating: 0, count: 7) + [4]
        return [
            [0] + four + [4] + four + [1] + four + [1] + most, [0] + most + [4] + four + [1] + most + [1] + four,
            [0] + four + [2] + four + [5] + four,
        ]
    }()
}
