import Testing

@testable import SocketIO

/// A session in every state with every event: ``engineSessionTable`` says what follows.
@Suite("A session of Engine.IO")
struct EngineSessionTests {
    private static let states: [(name: String, session: EngineSession)] = [
        ("polls", EngineSession(.request)),
        ("polls, one waits", EngineSession(.request).after(.poll)),
        ("polls, a WebSocket is silent", EngineSession(.request).after(.webSocketOpened)),
        ("polls, one waits, a WebSocket is silent", EngineSession(.request).after(.poll, .webSocketOpened)),
        ("moving", EngineSession(.request).after(.webSocketOpened, .said("2probe"))),
        ("WebSocket", EngineSession(.webSocket)),
        ("last poll", EngineSession(.request).leaving),
        ("ended", EngineSession(.request).after(.end)),
    ]

    private static let events: [(name: String, event: EngineSession.Event, hasPackets: Bool)] =
        [
            ("a poll", .poll, false), ("a poll, packets wait", .poll, true), ("the poll is gone", .pollGone, false),
            ("the poll is answered", .pollAnswered, false), ("a WebSocket opens", .webSocketOpened, false),
            ("a WebSocket ends", .webSocketEnded, false), ("the upgrade takes too long", .upgradeTimeIsUp, false),
            ("a ping is due", .pingIsDue, false), ("the node ends it", .end, false),
            ("the node ends it, packets wait", .end, true),
            ("the node ends it for now", .endForNow, false),
        ] + packets.map { ("posted \($0)", .posted($0), false) } + packets.map { ("said \($0)", .said($0), false) }

    private static let packets = ["0", "1", "2", "2probe", "3", "4m", "5", "6", "bAQ==", "x"]

    @Test("does in every state with every event what the table says")
    func table() {
        var said = ""
        for state in Self.states {
            said += "# \(state.name)\n"
            for (name, event, hasPackets) in Self.events {
                var session = state.session
                let effects = session.on(event, hasPackets: hasPackets).map(\.text)
                said += "\(name) => \(effects.joined(separator: ", ")) | \(session.text)\n"
            }
        }
        let table = engineSessionTable.split(separator: "\n").map(String.init)
        let lines = said.split(separator: "\n").map(String.init)
        for (line, expected) in zip(lines, table) { #expect(line == expected) }
        #expect(lines.count == table.count, "\(said)")
    }

    @Test("ends once, whatever happens, and answers every poll", arguments: 0..<200 as Range<UInt64>)
    func random(_ seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ count: Int) -> Int {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int(random % UInt64(count))
        }
        var session = EngineSession(seed.isMultiple(of: 3) ? .webSocket : .request)
        var (polls, forgotten) = (0, 0)
        for _ in 0..<100 {
            let (name, event, hasPackets) = Self.events[next(Self.events.count)]
            if event == .poll { polls += 1 }
            if event == .pollGone { polls = 0 }
            for effect in session.on(event, hasPackets: hasPackets) {
                switch effect {
                case .answerPoll, .answerPollWithClose, .refusePoll: polls -= 1
                case .refuseRequest: if event == .poll { polls -= 1 }
                case .forget: forgotten += 1
                default: break
                }
            }
            #expect((0...1).contains(polls) && polls == (session.isPollWaiting ? 1 : 0), "seed \(seed), \(name)")
        }
        #expect(forgotten == (session.transport == .ended ? 1 : 0), "seed \(seed)")
    }
}

extension EngineSession.Event {
    fileprivate static func posted(_ text: String) -> Self { .packet(EnginePacket(Array(text.utf8)[...]), .request) }
    fileprivate static func said(_ text: String) -> Self { .packet(EnginePacket(Array(text.utf8)[...]), .webSocket) }
}

extension EngineSession {
    fileprivate func after(_ events: Event...) -> EngineSession {
        var session = self
        for event in events { _ = session.on(event, hasPackets: false) }
        return session
    }

    fileprivate var leaving: EngineSession {
        var session = self
        _ = session.on(.end, hasPackets: true)
        return session
    }

    fileprivate var text: String { "\(transport)" + (isPollWaiting ? ", a poll waits" : "") }
}

extension EngineSession.Effect {
    fileprivate var text: String {
        if case .deliver(let message) = self {
            "deliver \(String(decoding: message, as: UTF8.self))"
        } else {
            "\(self)"
        }
    }
}
