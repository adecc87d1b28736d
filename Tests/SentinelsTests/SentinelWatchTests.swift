import RESP
import Testing

@testable import Sentinels

@Suite("Where the master is, by what Sentinels say")
struct SentinelWatchTests {
    typealias Action = SentinelWatch.Action

    private static let (a, b) = (address("a", 6379), address("b", 6379))
    private static let (one, two, three) = (address("one"), address("two"), address("three"))
    private static let gone = RedisFailure.ended("closed by Redis")
    private static let replica = RedisFailure.unavailable(RedisReplyError(code: "READONLY", message: "no"))
    private static let askAll = [Action.ask(one), .ask(two), .ask(three)]

    private static func address(_ host: String, _ port: UInt16 = 26379) -> RedisEndpoint.Address {
        .tcp(host: host, port: port)
    }

    /// Three that the URL names.
    private static func watch(_ sentinels: [RedisEndpoint.Address] = [one, two, three]) -> SentinelWatch {
        SentinelWatch(sentinels: sentinels, name: "m")
    }

    /// Three, sought, reached and asked.
    private static var asking: SentinelWatch {
        var watch = watch()
        _ = watch.receive(.sought)
        for sentinel in [one, two, three] { _ = watch.receive(.reached(sentinel)) }
        return watch
    }

    /// Three that have said `a`.
    private static var settled: SentinelWatch { answered(a, a, a) }

    private static func answered(_ answers: RedisEndpoint.Address?...) -> SentinelWatch {
        var watch = asking
        _ = zip([one, two, three], answers).map { watch.receive(.answered($0, $1)) }
        return watch
    }

    // MARK: Before anybody seeks

    @Test("asks nobody before somebody seeks, and reaches for all then, once")
    func begins() {
        var watch = Self.watch()
        for event in [SentinelWatch.Event.tick, .alarmed, .doubted(Self.a, Self.gone), .listed([])] {
            #expect(watch.receive(event) == [])
        }
        #expect(watch.receive(.sought) == [.connect(Self.one), .connect(Self.two), .connect(Self.three)])
        #expect(watch.receive(.sought) == [])
    }

    // MARK: While all are reached for

    @Test("greets and asks each that is reached")
    func reached() {
        var watch = Self.watch()
        _ = watch.receive(.sought)
        #expect(watch.receive(.reached(Self.two)) == [.greet(Self.two), .ask(Self.two)])
    }

    @Test("does not wait for the last where more than half say the same")
    func majority() {
        var watch = Self.asking
        #expect(watch.receive(.answered(Self.one, Self.a)) == [])
        #expect(watch.receive(.answered(Self.three, Self.a)) == [.master(Self.a)])
        #expect(watch.receive(.answered(Self.two, Self.a)) == [])
    }

    @Test("outvotes one that says something else, whichever says it first", arguments: [0, 1, 2])
    func outvoted(wrong: Int) {
        var watch = Self.asking
        let said = [Self.one, Self.two, Self.three].enumerated().flatMap {
            watch.receive(.answered($1, $0 == wrong ? Self.b : Self.a))
        }
        #expect(said == [.master(Self.a)] && watch.master == Self.a)
    }

    @Test("takes the word of the only one that can be asked, once the others have failed")
    func lastOne() {
        var watch = Self.asking
        #expect(watch.receive(.answered(Self.two, Self.a)) == [])
        #expect(watch.receive(.failed(Self.one, Self.gone)) == [])
        #expect(watch.receive(.failed(Self.three, Self.gone)) == [.master(Self.a)])
    }

    @Test("takes it too once the silent ones have had a second")
    func silence() {
        var watch = Self.asking
        _ = watch.receive(.answered(Self.two, Self.a))
        for _ in 1..<SentinelWatch.patienceTicks { #expect(watch.receive(.tick) == []) }
        #expect(watch.receive(.tick) == [.master(Self.a)])
    }

    @Test("takes what stands first in the URL of two that say different things")
    func tie() {
        var watch = Self.watch([Self.one, Self.two])
        _ = watch.receive(.sought)
        for sentinel in [Self.one, Self.two] { _ = watch.receive(.reached(sentinel)) }
        #expect(watch.receive(.answered(Self.two, Self.b)) == [])
        #expect(watch.receive(.answered(Self.one, Self.a)) == [.master(Self.a)])
    }

    @Test("tries what the other says where a link finds no master there")
    func tieBroken() {
        var watch = Self.watch([Self.one, Self.two])
        _ = watch.receive(.sought)
        for sentinel in [Self.one, Self.two] { _ = watch.receive(.reached(sentinel)) }
        for (sentinel, master) in [(Self.two, Self.b), (Self.one, Self.a)] {
            _ = watch.receive(.answered(sentinel, master))
        }
        #expect(watch.receive(.doubted(Self.a, Self.replica)) == [.ask(Self.one), .ask(Self.two)])
        #expect(watch.receive(.answered(Self.one, Self.a)) == [])
        #expect(watch.receive(.answered(Self.two, Self.b)) == [.master(Self.b)])
    }

    // MARK: Nobody knows

    @Test("says of each why it cannot be asked")
    func unreachable() {
        var watch = Self.watch([Self.one, Self.two])
        _ = watch.receive(.sought)
        #expect(watch.receive(.failed(Self.one, Self.gone)) == [])
        let refused = RedisFailure.refused(RedisReplyError(line: "NOAUTH no"))
        let text = "no Sentinel gave the address of the master 'm': one:26379: \(Self.gone); two:26379: \(refused)"
        #expect(watch.receive(.failed(Self.two, refused)) == [.unknown(.noSentinel(text, needsOperator: false))])
        // Once only, to whoever seeks.
        #expect(watch.receive(.failed(Self.two, refused)) == [])
        #expect(watch.receive(.sought) == [.unknown(.noSentinel(text, needsOperator: false))])
    }

    @Test("asks for an operator where none lets the user in")
    func refused() {
        var watch = Self.watch([Self.one])
        _ = watch.receive(.sought)
        let actions = watch.receive(.failed(Self.one, .refused(RedisReplyError(line: "NOAUTH no"))))
        guard case .unknown(let failure) = actions.first else { return #expect(Bool(false)) }
        #expect(failure.needsOperator)
    }

    @Test("names the name that more than half do not know, and those that were asked")
    func nameless() {
        var watch = Self.answered(nil, nil)
        let text = "no Sentinel knows a master named 'm'; asked: one:26379, two:26379"
        #expect(watch.receive(.failed(Self.three, Self.gone)) == [.unknown(.unknownMaster(text))])
    }

    @Test("does not blame the name where more than half cannot be asked")
    func oneNameless() {
        var watch = Self.answered(nil)
        _ = watch.receive(.failed(Self.two, Self.gone))
        guard case .unknown(.noSentinel(let text, false)) = watch.receive(.failed(Self.three, Self.gone)).first else {
            return #expect(Bool(false))
        }
        #expect(text.contains("one:26379: knows no master of this name"))
    }

    @Test("hears of a master that Sentinels learn of later")
    func later() {
        var watch = Self.answered(nil, nil, nil)
        _ = watch.receive(.alarmed)
        _ = watch.receive(.answered(Self.one, Self.a))
        #expect(watch.receive(.answered(Self.two, Self.a)) == [.master(Self.a)])
    }

    // MARK: The master is known

    @Test("answers at once who seeks")
    func sought() {
        var watch = Self.settled
        #expect(watch.receive(.sought) == [.master(Self.a)])
    }

    @Test("asks all again every two seconds, and says nothing where all is as it was")
    func rounds() {
        var watch = Self.settled
        for _ in 1..<SentinelWatch.ticksBetweenRounds { #expect(watch.receive(.tick) == []) }
        #expect(watch.receive(.tick) == Self.askAll)
        for sentinel in [Self.one, Self.two, Self.three] { #expect(watch.receive(.answered(sentinel, Self.a)) == []) }
        for _ in 1..<SentinelWatch.ticksBetweenRounds { #expect(watch.receive(.tick) == []) }
        #expect(watch.receive(.tick) == Self.askAll)
    }

    @Test("asks all at once when one of them says that a master has changed, and follows more than half")
    func alarmed() {
        var watch = Self.settled
        #expect(watch.receive(.alarmed) == Self.askAll)
        #expect(watch.receive(.answered(Self.one, Self.b)) == [])
        #expect(watch.receive(.answered(Self.two, Self.a)) == [])
        #expect(watch.receive(.answered(Self.three, Self.b)) == [.master(Self.b)])
    }

    @Test("asks twice a second for a while after an alarm, since the others may lag behind")
    func hasty() {
        var watch = Self.settled
        _ = watch.receive(.alarmed)
        var rounds = 0
        for _ in 0..<SentinelWatch.hastyTicks {
            for sentinel in [Self.one, Self.two, Self.three] { _ = watch.receive(.answered(sentinel, Self.a)) }
            if watch.receive(.tick) == Self.askAll { rounds += 1 }
        }
        #expect(rounds == SentinelWatch.hastyTicks / SentinelWatch.ticksBetweenHastyRounds)
    }

    @Test("counts only the answer to the last question of each")
    func lateAnswer() {
        var watch = Self.settled
        _ = watch.receive(.alarmed)
        _ = watch.receive(.alarmed)
        for sentinel in [Self.one, Self.two, Self.three] { #expect(watch.receive(.answered(sentinel, Self.b)) == []) }
        #expect(watch.receive(.answered(Self.one, Self.a)) == [] && watch.receive(.answered(Self.two, Self.a)) == [])
        #expect(watch.master == Self.a)
    }

    @Test("follows the last of two changes in a row")
    func twice() {
        var watch = Self.settled
        for master in [Self.b, Self.a] {
            _ = watch.receive(.alarmed)
            _ = watch.receive(.answered(Self.one, master))
            #expect(watch.receive(.answered(Self.two, master)) == [.master(master)])
        }
    }

    @Test("does not leave a master that serves for what one says that has always said so")
    func wrongAlone() {
        var watch = Self.answered(Self.a, Self.a, Self.b)
        _ = watch.receive(.failed(Self.one, Self.gone))
        _ = watch.receive(.failed(Self.two, Self.gone))
        for _ in 0..<100 { #expect(!watch.receive(.tick).contains(.master(Self.b))) }
        #expect(watch.master == Self.a)
    }

    @Test("leaves it for what the only one says that can be asked, where that one has changed its mind")
    func changedAlone() {
        var watch = Self.settled
        _ = watch.receive(.failed(Self.one, Self.gone))
        _ = watch.receive(.failed(Self.two, Self.gone))
        _ = watch.receive(.alarmed)
        #expect(watch.receive(.answered(Self.three, Self.b)) == [.master(Self.b)])
    }

    @Test("stays where it is when no Sentinel can be asked, and when all forget the name")
    func allGone() {
        var watch = Self.settled
        for sentinel in [Self.one, Self.two, Self.three] { #expect(watch.receive(.failed(sentinel, Self.gone)) == []) }
        #expect(watch.master == Self.a)
        var other = Self.settled
        _ = other.receive(.alarmed)
        for sentinel in [Self.one, Self.two, Self.three] { #expect(other.receive(.answered(sentinel, nil)) == []) }
        #expect(other.master == Self.a)
    }

    // MARK: The master is doubted

    @Test(
        "asks all at once when a connection to the master is lost, or finds no master",
        arguments: [gone, replica, .silent(milliseconds: 1), .unreachable(code: "E", message: "e")])
    func doubted(failure: RedisFailure) {
        var watch = Self.settled
        #expect(watch.receive(.doubted(Self.a, failure)) == Self.askAll)
        // The other connection says the same.
        #expect(watch.receive(.doubted(Self.a, failure)) == [])
    }

    @Test(
        "does not doubt the master for what is no word on it",
        arguments: [
            RedisFailure.moved(to: "b"), .noSentinel("", needsOperator: false), .unknownMaster(""),
            .tooOld(version: "6"),
            .refused(RedisReplyError(line: "WRONGPASS")),
        ])
    func notDoubted(failure: RedisFailure) {
        var watch = Self.settled
        #expect(watch.receive(.doubted(Self.a, failure)) == [])
    }

    @Test("does not ask for what is wrong with another Redis, as with the old master that is back")
    func otherDoubted() {
        var watch = Self.settled
        #expect(watch.receive(.doubted(Self.b, Self.gone)) == [])
    }

    @Test("tells who seeks only what was said after the doubt")
    func seekingAfterDoubt() {
        var watch = Self.settled
        _ = watch.receive(.doubted(Self.a, Self.gone))
        #expect(watch.receive(.sought) == [])
        #expect(watch.receive(.answered(Self.one, Self.a)) == [])
        #expect(watch.receive(.answered(Self.two, Self.a)) == [.master(Self.a)])
    }

    @Test("goes to a new master that only one knows of yet, where the old one is lost and the others are silent")
    func firstToKnow() {
        var watch = Self.settled
        _ = watch.receive(.doubted(Self.a, Self.gone))
        _ = watch.receive(.failed(Self.one, Self.gone))
        _ = watch.receive(.failed(Self.two, Self.gone))
        #expect(watch.receive(.answered(Self.three, Self.b)) == [.master(Self.b)])
    }

    // MARK: Sentinels come and go

    @Test("asks others that it is told of, each once")
    func listed() {
        var watch = Self.settled
        let four = SentinelWatch.Peer(address: Self.address("four"), id: "4")
        #expect(watch.receive(.listed([four, four])) == [.connect(four.address)])
        #expect(watch.receive(.listed([four])) == [])
        #expect(watch.receive(.listed([SentinelWatch.Peer(address: Self.one, id: "1")])) == [])
    }

    @Test("counts one that the URL names and others call otherwise once, whichever is known first")
    func double() {
        let alias = SentinelWatch.Peer(address: Self.address("10.0.0.1"), id: "1")
        var watch = Self.settled
        _ = watch.receive(.identified(Self.one, id: "1"))
        #expect(watch.receive(.listed([alias])) == [])
        var other = Self.settled
        _ = other.receive(.listed([alias]))
        #expect(other.receive(.identified(Self.one, id: "1")) == [.disconnect(alias.address)])
        #expect(other.sentinels.count == 3)
        // It is reached and says who it is before the other.
        var third = Self.settled
        _ = third.receive(.identified(Self.one, id: "1"))
        _ = third.receive(.listed([SentinelWatch.Peer(address: alias.address, id: "")]))
        #expect(third.receive(.identified(alias.address, id: "1")) == [.disconnect(alias.address)])
    }

    @Test("does not wait for one that others have told of and that cannot be reached")
    func deadPeers() {
        var watch = Self.settled
        let peers = (1...5).map { SentinelWatch.Peer(address: Self.address("old\($0)"), id: "\($0)") }
        _ = watch.receive(.listed(peers))
        for peer in peers { _ = watch.receive(.failed(peer.address, Self.gone)) }
        _ = watch.receive(.alarmed)
        _ = watch.receive(.answered(Self.one, Self.b))
        #expect(watch.receive(.answered(Self.two, Self.b)) == [.master(Self.b)])
    }

    @Test("asks a bounded number of them")
    func many() {
        var watch = Self.settled
        let peers = (1...100).map { SentinelWatch.Peer(address: Self.address("h\($0)"), id: "\($0)") }
        #expect(watch.receive(.listed(peers)).count == SentinelWatch.maxSentinels - 3)
    }

    @Test("passes over what a Sentinel says that is not asked any more")
    func stranger() {
        var watch = Self.settled
        let four = Self.address("four")
        for event in [
            SentinelWatch.Event.reached(four), .failed(four, Self.gone), .answered(four, Self.b),
            .identified(four, id: "4"),
        ] { #expect(watch.receive(event) == []) }
        #expect(watch.receive(.answered(Self.one, Self.b)) == [] && watch.master == Self.a)
    }

    @Test("asks one again that comes back")
    func back() {
        var watch = Self.settled
        _ = watch.receive(.failed(Self.one, Self.gone))
        #expect(watch.receive(.alarmed) == [.ask(Self.two), .ask(Self.three)])
        #expect(watch.receive(.reached(Self.one)) == [.greet(Self.one), .ask(Self.one)])
    }
}
