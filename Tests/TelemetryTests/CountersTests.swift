import Dialects
import Hub
import Settings
import Testing
import WebSocket

@testable import Telemetry

@Suite("Counters")
struct CountersTests {
    @Test("every dialect is counted")
    func dialects() {
        var counters = ServingCounters()
        for name in DialectName.allCases { counters.sessions[name] += 1 }
        counters.add(counters)
        #expect(DialectName.allCases.allSatisfy { counters.sessions[$0] == 2 && counters.upgrades[$0] == 0 })
    }

    /// Sets every number of the counters to 3, by the type's own description: a field that `add` forgets shows.
    private func sum<Values: Counters>(_ fill: (inout Values) -> Void) -> Mirror {
        var one = Values()
        fill(&one)
        return Mirror(reflecting: [one, one].total())
    }

    @Test("the counters of two loops add up, each of them")
    func sums() {
        let following = sum { (counters: inout FollowingCounters) in
            counters.eventsIn = 3
            counters.eventsInvalid = 3
            counters.eventsForged = 3
            counters.eventsAfterEnd = 3
            counters.positionsBehind = 3
            counters.channelReads = 3
            counters.deliveryMilliseconds.record(3)
        }
        let asking = sum { (counters: inout AskingCounters) in
            counters.upstreamRequests = 3
            counters.upstreamFailures = 3
            counters.upstreamRefused = 3
        }
        let online = sum { (counters: inout OnlineCounters) in counters.leasesLost = 3 }
        for mirror in [following, asking, online] {
            for (name, value) in mirror.children {
                #expect(value as? UInt64 == 6 || (value as? Log2Histogram)?.sum == 6, "\(name ?? "")")
            }
        }
    }

    @Test("the counters of clients add up, each of them")
    func clientSums() {
        var one = ServingCounters()
        one.bytesIn = 1
        one.bytesOut = 2
        one.flushBytes.record(2)
        one.accepted = 3
        one.responses = [200: 4, 404: 5]
        one.closes = [.byNode(.normal): 6]
        one.streams = 7
        one.refused = [.rate: 8]
        one.linesSuppressed = 9
        one.acknowledgementsDropped = 10
        var other = one
        other.responses = [503: 1]
        let both = [one, other].total()
        #expect(both.bytesIn == 2 && both.bytesOut == 4 && both.flushBytes.sum == 4 && both.accepted == 6)
        #expect(both.responses == [200: 4, 404: 5, 503: 1] && both.closes == [.byNode(.normal): 12])
        #expect(both.streams == 14 && both.refused == [.rate: 16] && both.linesSuppressed == 18)
        #expect(both.acknowledgementsDropped == 20)
    }

    @Test("a client's own close code counts with all others like it")
    func ends() {
        #expect(WebSocketEnd.byClient(.init(rawValue: 4001)) == .byClient(.init(rawValue: 4999)))
        #expect(WebSocketEnd.byClient(.normal) != .byNode(.normal))
        #expect(WebSocketEnd.byClient(.init(rawValue: 4001)).codeText == "other")
    }
}
