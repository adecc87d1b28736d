import Testing

@testable import RESP
@testable import Redis

@Suite("A link, without a server")
struct LinkStateTests {
    typealias Action = LinkState.Action

    // MARK: Idle

    @Test("connects when it is started, once")
    func start() {
        let link = Link()
        #expect(link.start() == [.connect])
        #expect(link.start() == [])
    }

    @Test("does nothing before it is started")
    func idle() {
        for event in Link.events { #expect(Link().after(event) == []) }
    }

    @Test("is closed before it is started, and never starts")
    func closedFirst() {
        let link = Link()
        #expect(link.close() == [.hangUp] && link.start() == [] && link.state.isClosed)
    }

    // MARK: Connecting

    @Test("says everything of the handshake in one write at the end of the turn in which it is connected")
    func connected() {
        let link = Link.connecting
        #expect(link.connect() == [])
        #expect(link.endTurn() == [.write(Link.handshake)])
        #expect(link.endTurn() == [])
    }

    @Test("waits when it cannot connect, and tries again")
    func notConnected() {
        let link = Link.connecting
        #expect(link.fail(Link.unreachable) == [.hangUp, .lost(Link.unreachable, wasReady: false, retryAfter: 50)])
        #expect(link.wake() == [.connect])
    }

    @Test("leaves the time that an attempt takes to the attempt")
    func patience() {
        let link = Link.connecting
        for _ in 0..<1_000 { #expect(link.tick() == []) }
    }

    @Test("gives up an attempt that its owner gives up, or ends")
    func attemptGivenUp() {
        #expect(Link.connecting.after(.failed(Link.ended)) == Link.lost(Link.ended))
        #expect(Link.connecting.after(.close) == [.hangUp])
    }

    @Test("passes over what cannot come while it connects")
    func connectingOtherwise() {
        for event in [LinkState.Event.start, .turnEnded, .blocked, .drained, .waited] {
            #expect(Link.connecting.after(event) == [])
        }
        #expect(Link.connecting.hear("+OK\r\n") == [])
    }

    // MARK: Handshaking

    @Test("is ready with the last reply of the handshake")
    func ready() {
        let link = Link.handshaking
        #expect(link.hear(Link.answers) == [.ready(Link.outcome)] && link.state.isReady)
    }

    @Test("is ready with the last byte of the handshake, however the bytes are cut")
    func readyInPieces() {
        let link = Link.handshaking
        for byte in Link.answers.utf8.dropLast() {
            #expect(link.hear(String(UnicodeScalar(byte))) == [] && !link.state.isReady)
        }
        #expect(link.hear("\n") == [.ready(Link.outcome)])
    }

    @Test("loads its scripts and logs in before it is ready")
    func login() {
        let script = RedisScript(name: "one", text: "#!lua\nreturn 1")
        let endpoint = RedisEndpoint(address: .unix(path: "/s"), password: "p", database: 1)
        let link = Link.handshaking(Login(endpoint: endpoint, name: "n", scripts: [script]))
        #expect(link.hear("+OK\r\n+OK\r\n+OK\r\n" + Link.info + "$1\r\nd\r\n") == [])
        let outcome = RedisHandshake.Outcome(server: Link.server, digests: [script.name: "d"])
        #expect(link.hear("+PONG\r\n") == [.ready(outcome)])
    }

    @Test(
        "gives up a Redis that answers the handshake with an error, or with nonsense",
        arguments: [
            ("+OK\r\n-NOPERM no info\r\n", RedisFailure.refused(RedisReplyError(line: "NOPERM no info"))),
            ("+OK\r\n-LOADING wait\r\n", .unavailable(RedisReplyError(line: "LOADING wait"))),
            ("+OK\r\n:1\r\n", .nonsense("INFO names no run_id and redis_version")),
            (Link.answers + "+OK\r\n", .nonsense("more replies than commands")),
            (Link.answers(version: "6.2.7"), .tooOld(version: "6.2.7")),
            (Link.answers(more: "role:slave\r\n"), .unavailable(.replica)),
        ])
    func refusedHandshake(text: String, failure: RedisFailure) {
        let link = Link.handshaking
        let actions = link.hear(text)
        #expect(actions.first == .hangUp && actions.last?.failure == failure)
        #expect(!link.state.isReady && link.wake() == [.connect])
    }

    @Test("ends the connection at bytes that are not RESP")
    func noise() {
        let failure = Link.handshaking.hear("HTTP/1.1 400\r\n").last?.failure
        if case .nonsense = failure {} else { Issue.record("\(String(describing: failure))") }
    }

    @Test("names rediss:// where a server hangs up on the first words of a client without TLS")
    func hungUpOn() {
        let hint = ", before it sent anything; a Redis with TLS needs rediss://"
        let plain = RedisEndpoint(address: .tcp(host: "h", port: 1))
        #expect(Link.handshaking(plain).after(.failed(.ended("x"))) == Link.lost(.ended("x" + hint)))
        #expect(Link.handshaking(plain).after(.failed(Link.unreachable)) == Link.lost(Link.unreachable))
        let secure = RedisEndpoint(address: plain.address, tls: RedisTLS())
        #expect(Link.handshaking(secure).after(.failed(.ended("x"))) == Link.lost(.ended("x")))
        let heard = Link.handshaking(plain)
        #expect(heard.hear("+O") == [] && heard.after(.failed(.ended("x"))) == Link.lost(.ended("x")))
    }

    @Test("names rediss:// where a server answers in TLS")
    func answeredInTLS() {
        let link = Link.handshaking
        #expect(link.hear("\u{15}\u{3}\u{1}") == Link.lost(.nonsense("it speaks TLS, which needs rediss://")))
    }

    @Test("waits for an operator where a certificate is wrong, and not where TLS is")
    func untrusted() {
        #expect(
            Link.connecting.fail(.untrusted("x")).last == .lost(.untrusted("x"), wasReady: false, retryAfter: 10_000))
        #expect(Link.connecting.fail(.insecure("x")).last == .lost(.insecure("x"), wasReady: false, retryAfter: 50))
    }

    @Test("takes a replica where it only reads")
    func replica() {
        let link = Link.handshaking(Login(endpoint: Link.endpoint, name: "n", expected: .anyRedis))
        #expect(link.hear(Link.answers(more: "role:slave\r\n")) == [.ready(Link.outcome)])
    }

    @Test("gives a handshake 4 s, in ticks")
    func handshakeDeadline() {
        let link = Link.handshaking
        for _ in 0..<15 { #expect(link.tick() == []) }
        let silent = RedisFailure.silent(milliseconds: 4_000)
        #expect(link.tick() == Link.lost(silent))
    }

    @Test("does not give the handshake more time for half an answer")
    func slowHandshake() {
        let link = Link.handshaking
        for _ in 0..<15 { #expect(link.tick() == []) }
        #expect(link.hear("+OK\r\n$4") == [])
        #expect(link.tick() == Link.lost(.silent(milliseconds: 4_000)))
    }

    @Test("is ended in the middle of the handshake by the stream, or by its owner")
    func handshakeEnded() {
        #expect(Link.handshaking.after(.failed(Link.ended)) == Link.lost(Link.ended))
        #expect(Link.handshaking.after(.close) == [.hangUp])
    }

    @Test("writes the handshake once, also when the kernel takes it in parts")
    func handshakeBlocked() {
        let link = Link.handshaking
        #expect(link.receive(.blocked) == [] && link.endTurn() == [] && link.receive(.drained) == [])
    }

    @Test("passes over what cannot come during the handshake")
    func handshakingOtherwise() {
        for event in [LinkState.Event.start, .waited] { #expect(Link.handshaking.after(event) == []) }
        #expect(Link.handshaking.after(.connected) == [.hangUp])
    }

    // MARK: Ready

    @Test("gives what comes to its owner")
    func delivers() {
        let link = Link.ready
        let bytes: [UInt8] = Array("+OK\r\n".utf8)
        bytes.withUnsafeBytes { #expect(link.receive(.bytes($0)) == [.deliver]) }
    }

    @Test("knows when it last heard")
    func lastHeard() {
        let link = Link.ready
        _ = link.tick()
        #expect(link.state.lastHeard < link.state.patience.now)
        _ = link.hear("+OK\r\n")
        #expect(link.state.lastHeard == link.state.patience.now)
    }

    @Test("writes everything that was sent in a turn at its end, at once")
    func oneWrite() {
        let link = Link.ready
        link.say("a")
        link.say("b")
        #expect(link.endTurn() == [.write(Array("ab".utf8))])
        #expect(link.endTurn() == [])
    }

    @Test("writes nothing while the kernel has not taken the last, and all of it then")
    func blocked() {
        let link = Link.ready
        link.say("a")
        #expect(link.endTurn() == [.write(Array("a".utf8))] && link.receive(.blocked) == [])
        link.say("b")
        #expect(link.endTurn() == [])
        link.say("c")
        #expect(link.receive(.drained) == [.write(Array("bc".utf8))])
        #expect(link.receive(.drained) == [])
    }

    @Test("has its owner look at deadlines with every tick")
    func ticks() {
        let link = Link.ready
        for _ in 0..<100 { #expect(link.tick() == [.check]) }
    }

    @Test("is lost when the stream ends, or its owner gives it up")
    func lost() {
        let link = Link.ready
        #expect(link.fail(Link.ended) == [.hangUp, .lost(Link.ended, wasReady: true, retryAfter: 50)])
        #expect(!link.state.isReady && link.wake() == [.connect])
    }

    @Test("forgets what it had to write when it is lost: none of it leaves on the next connection")
    func forgetsOutgoing() {
        let link = Link.ready
        link.say("a")
        _ = link.receive(.blocked)
        _ = link.fail(Link.ended)
        _ = link.wake()
        _ = link.connect()
        #expect(link.endTurn() == [.write(Link.handshake)])
    }

    @Test("is closed, whatever waits")
    func closed() {
        let link = Link.ready
        link.say("a")
        #expect(link.close() == [.hangUp] && link.endTurn() == [])
    }

    @Test("passes over what cannot come while it is ready")
    func readyOtherwise() {
        for event in [LinkState.Event.start, .waited] { #expect(Link.ready.after(event) == []) }
        #expect(Link.ready.after(.connected) == [.hangUp])
    }

    // MARK: Waiting

    @Test("does nothing while it waits, and ends a stream that comes late")
    func waiting() {
        for event in Link.events { #expect(Link.waiting.after(event) == []) }
        #expect(Link.waiting.after(.connected) == [.hangUp] && Link.waiting.after(.start) == [])
        #expect(Link.waiting.after(.close) == [.hangUp] && Link.waiting.after(.waited) == [.connect])
    }

    @Test("waits at most twice as long each time, up to 5 s, and briefly again once it was ready")
    func backoff() {
        let link = Link(drawing: Link.longestDraw)
        _ = link.start()
        for wait: UInt64 in [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000] {
            #expect(link.fail(Link.unreachable).last?.wait == wait)
            _ = link.wake()
        }
        _ = link.connect()
        _ = link.hear(Link.answers)
        #expect(link.fail(Link.ended).last?.wait == 100)
    }

    @Test("waits longer where only an operator can help, and not long where Redis says that it will be there soon")
    func waits() {
        let unavailable = RedisFailure.unavailable(.replica)
        #expect(Link.handshaking.after(.failed(.tooOld(version: "6"))).last?.wait == 10_000)
        #expect(Link.handshaking.after(.failed(.refused(.replica))).last?.wait == 10_000)
        #expect(Link.ready.after(.failed(unavailable)).last?.wait == 500)
        #expect(Link.handshaking.after(.failed(unavailable)).last?.wait == 50)
    }

    // MARK: Finding: where Redis has no fixed address

    @Test("finds out where Redis is before each attempt, where its address is not fixed")
    func finding() {
        let link = Link(isSought: true)
        #expect(link.start() == [.find])
        #expect(link.find("a") == [.connect] && link.address == "a:6379")
        #expect(link.fail(Link.unreachable).last?.wait == 50)
        #expect(link.wake() == [.find] && link.find("b") == [.connect] && link.address == "b:6379")
    }

    @Test("waits when it cannot be found out, is closed, and passes over all else meanwhile")
    func notFound() {
        #expect(Link.finding.after(.failed(Link.unreachable)) == Link.lost(Link.unreachable))
        #expect(Link.finding.after(.failed(.unknownMaster("m"))).last?.wait == 10_000)
        #expect(Link.finding.after(.failed(.noSentinel("s", needsOperator: true))).last?.wait == 10_000)
        #expect(Link.finding.after(.close) == [.hangUp] && Link.finding.after(.connected) == [.hangUp])
        for event in [LinkState.Event.start, .turnEnded, .blocked, .drained, .tick, .waited] {
            #expect(Link.finding.after(event) == [])
        }
        #expect(Link.finding.hear("+OK\r\n") == [])
    }

    @Test("leaves for another address at once, and stays where the address is the same, in each state")
    func moved() {
        let moved = RedisFailure.moved(to: "b:6379")
        for link in [Link.foundConnecting, Link.foundHandshaking, Link.foundReady] {
            #expect(link.after(.found(Link.tcp("a"))) == [])
            let wasReady = link.state.isReady
            #expect(link.find("b") == [.hangUp, .lost(moved, wasReady: wasReady, retryAfter: 50)])
            // Not at once: every loop of every node hears it in the same moment.
            #expect(link.wake() == [.find] && link.find("b") == [.connect])
        }
    }

    @Test("does not wait any longer where Redis is found elsewhere, and does where it is not")
    func foundWaiting() {
        let link = Link.foundReady
        _ = link.fail(Link.ended)
        #expect(link.find("a") == [] && link.find("b") == [.hangUp, .connect] && link.address == "b:6379")
    }

    @Test("waits briefly again at another address, however long it has waited at the first")
    func backoffElsewhere() {
        let link = Link(drawing: Link.longestDraw, isSought: true)
        _ = link.start()
        _ = link.find("a")
        for _ in 0..<8 {
            _ = link.fail(Link.unreachable)
            _ = link.wake()
            _ = link.find("a")
        }
        _ = link.fail(Link.unreachable)
        _ = link.find("b")
        #expect(link.fail(Link.unreachable).last?.wait == 100)
    }

    @Test("waits briefly again at an address that it was told when it asked, and that it had not tried")
    func backoffAtAnswer() {
        let link = Link(drawing: Link.longestDraw, isSought: true)
        _ = link.start()
        for _ in 0..<8 {
            _ = link.find("a")
            _ = link.fail(Link.unreachable)
            _ = link.wake()
        }
        #expect(link.find("b") == [.connect])
        #expect(link.fail(Link.unreachable).last?.wait == 100)
    }

    @Test("waits longer with each round, though it finds another address for each attempt")
    func backoffAlternating() {
        let link = Link(drawing: Link.longestDraw, isSought: true)
        _ = link.start()
        for (host, wait): (String, UInt64) in [("a", 100), ("b", 100), ("a", 200), ("b", 400), ("a", 800)] {
            _ = link.find(host)
            #expect(link.fail(Link.unreachable).last?.wait == wait)
            _ = link.wake()
        }
    }

    @Test("remembers what it has tried until it is ready, and a bounded number of addresses")
    func backoffRemembered() {
        let link = Link(drawing: Link.longestDraw, isSought: true)
        _ = link.start()
        for number in 0..<LinkState.maxTried {
            _ = link.find("host-\(number)")
            #expect(link.fail(Link.unreachable).last?.wait == 100)
            _ = link.wake()
        }
        _ = link.find("one-more")
        #expect(link.fail(Link.unreachable).last?.wait == 200)
        _ = link.wake()
        _ = link.find("host-0")
        _ = link.connect()
        _ = link.endTurn()
        _ = link.hear(Link.answers)
        #expect(link.fail(Link.ended).last?.wait == 100)
        _ = link.wake()
        _ = link.find("host-0")
        #expect(link.fail(Link.unreachable).last?.wait == 200)
        _ = link.wake()
        _ = link.find("host-1")
        #expect(link.fail(Link.unreachable).last?.wait == 100)
    }

    @Test("hears nothing of addresses before it is started, and once it is closed")
    func foundOtherwise() {
        #expect(Link(isSought: true).find("b") == [] && Link.closed.after(.found(Link.tcp("b"))) == [])
    }

    // MARK: Closed

    @Test("does nothing any more once it is closed, and ends a stream that comes late")
    func afterClose() {
        for event in Link.events + [.start, .waited, .close] { #expect(Link.closed.after(event) == []) }
        #expect(Link.closed.after(.connected) == [.hangUp])
    }
}

/// A link in a test, and the steps that lead it to each of its states.
final class Link {
    private(set) var state: LinkState

    init(
        _ login: Login = Login(endpoint: endpoint, name: "n"), drawing number: UInt64 = leastDraw,
        isSought: Bool = false
    ) {
        state = LinkState(login: login, isSought: isSought, timing: RedisTiming(), random: Drawing(number: number))
    }

    /// Draws the least wait, or the longest.
    static let leastDraw: UInt64 = 1
    static let longestDraw = UInt64.max

    private struct Drawing: RandomNumberGenerator {
        let number: UInt64
        mutating func next() -> UInt64 { number }
    }

    static let endpoint = RedisEndpoint(address: .unix(path: "/s"))
    static let handshake = RedisHandshake(Login(endpoint: endpoint, name: "n")).request
    static let server = RedisServer(runID: "abc", version: "7.0.15")
    static let outcome = RedisHandshake.Outcome(server: server, digests: [:])
    static let unreachable = RedisFailure.unreachable(code: "ECONNREFUSED", message: "no")
    static let ended = RedisFailure.ended("closed by Redis")
    static let info = info()
    static let answers = answers()
    /// What can happen in any state, and means nothing in some.
    static var events: [LinkState.Event] {
        [.bytes(UnsafeRawBufferPointer(start: nil, count: 0)), .failed(ended), .turnEnded, .blocked, .drained, .tick]
    }

    static func info(version: String = "7.0.15", more: String = "") -> String {
        let text = "redis_version:\(version)\r\nrun_id:abc\r\n\(more)"
        return "$\(text.utf8.count)\r\n\(text)\r\n"
    }

    /// What Redis answers to the handshake.
    static func answers(version: String = "7.0.15", more: String = "") -> String {
        "+OK\r\n" + info(version: version, more: more) + "+PONG\r\n"
    }

    static func lost(_ failure: RedisFailure) -> [LinkState.Action] {
        [.hangUp, .lost(failure, wasReady: false, retryAfter: 50)]
    }

    // MARK: The states

    static var connecting: Link { Link().having { _ = $0.start() } }
    static var handshaking: Link { handshaking(Login(endpoint: endpoint, name: "n")) }
    static var ready: Link { handshaking.having { _ = $0.hear(answers) } }
    static var waiting: Link { connecting.having { _ = $0.fail(unreachable) } }
    static var closed: Link { ready.having { _ = $0.close() } }

    static func handshaking(_ endpoint: RedisEndpoint) -> Link { handshaking(Login(endpoint: endpoint, name: "n")) }

    static func handshaking(_ login: Login) -> Link {
        Link(login).having {
            _ = $0.start()
            _ = $0.connect()
            _ = $0.endTurn()
        }
    }

    static var finding: Link { Link(isSought: true).having { _ = $0.start() } }
    static var foundConnecting: Link { finding.having { _ = $0.find("a") } }
    static var foundHandshaking: Link {
        foundConnecting.having {
            _ = $0.connect()
            _ = $0.endTurn()
        }
    }
    static var foundReady: Link { foundHandshaking.having { _ = $0.hear(answers) } }

    private func having(_ steps: (Link) -> Void) -> Link {
        steps(self)
        return self
    }

    // MARK: The events

    func receive(_ event: LinkState.Event) -> [LinkState.Action] { state.receive(event) }
    func start() -> [LinkState.Action] { receive(.start) }
    func find(_ host: String) -> [LinkState.Action] { receive(.found(Link.tcp(host))) }
    var address: String { state.login.endpoint.address.description }
    static func tcp(_ host: String) -> RedisEndpoint.Address { .tcp(host: host, port: 6379) }
    func connect() -> [LinkState.Action] { receive(.connected) }
    func fail(_ failure: RedisFailure) -> [LinkState.Action] { receive(.failed(failure)) }
    func endTurn() -> [LinkState.Action] { receive(.turnEnded) }
    func tick() -> [LinkState.Action] { receive(.tick) }
    func wake() -> [LinkState.Action] { receive(.waited) }
    func close() -> [LinkState.Action] { receive(.close) }
    func say(_ text: String) { state.send { $0 += Array(text.utf8) } }

    func hear(_ text: String) -> [LinkState.Action] {
        Array(text.utf8).withUnsafeBytes { receive(.bytes($0)) }
    }

    /// What a link in this state does about an event, which this link does not hear of.
    func after(_ event: LinkState.Event) -> [LinkState.Action] {
        var state = state
        return state.receive(event)
    }
}

extension LinkState.Action {
    /// How long it has the link wait.
    fileprivate var wait: UInt64? { if case .lost(_, _, let milliseconds) = self { milliseconds } else { nil } }
    /// Why the link is lost.
    fileprivate var failure: RedisFailure? { if case .lost(let failure, _, _) = self { failure } else { nil } }
}
