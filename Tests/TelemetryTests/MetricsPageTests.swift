import Hub
import Settings
import Testing
import WebSocket

@testable import Telemetry

@Suite("MetricsPage")
struct MetricsPageTests {
    private let log = Log(node: "a \"node\"", format: .text, level: .error)

    private func lines(_ readings: [LoopReading], unready: String? = nil) -> [Substring] {
        let node = NodeReading(
            log: log, startedAt: 1_500, unreadiness: ["draining", "presence"].map { ($0, $0 == unready) },
            loops: readings.count, connections: 5, connectionLimit: 7, failingProbes: 0, certificateExpiry: 9)
        return String(decoding: MetricsPage.bytes(node, readings), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    private func reading(_ fill: (LoopCounters, inout LoopReading.Gauges) -> Void) -> LoopReading {
        let counters = LoopCounters()
        var gauges = LoopReading.Gauges()
        fill(counters, &gauges)
        return LoopReading(counters, hub: Hub().counters, gauges: gauges)
    }

    @Test("numbers of loops add up, and of the cluster's numbers the highest counts")
    func sums() {
        let page = lines([
            reading { counters, gauges in
                counters.following.counters.eventsIn = 2
                counters.redis.counters.redisLosses.pubsub = 1
                gauges.channels = 3
                gauges.commandsUp = true
                gauges.usersOnline = 9
            },
            reading { counters, gauges in
                counters.following.counters.eventsIn = 40
                gauges.channels = 4
                gauges.usersOnline = 8
            },
        ])
        for line in [
            "fantail_events_received_total 42", "fantail_channels 7", "fantail_presence_users_online 9",
            #"fantail_redis_connected{connection="commands"} 1"#, #"fantail_redis_losses_total{connection="pubsub"} 1"#,
            "fantail_loops 2", "fantail_connections 5", "fantail_connections_limit 7",
            "fantail_certificate_expiry_seconds 9", "fantail_start_time_seconds 1.5",
            #"fantail_build_info{version="\#(Version.current)",node="a \"node\""} 1"#
                .replacing(#"a "node""#, with: #"a \"node\""#),
        ] { #expect(page.contains(line[...]), "\(line)") }
    }

    @Test("a shard that is away is named once, whichever loops miss it, and none but a 0 where all are there")
    func shards() {
        let all = reading { _, _ in }
        let away = reading { _, gauges in gauges.absentShards = ["10.0.0.7:6379", "2 hash slots"] }
        let name = "fantail_redis_shards_away"
        let samples = { (page: [Substring]) in page.filter { $0.hasPrefix(name + "{") }.map { $0.dropFirst(name.count) }
        }
        #expect(samples(lines([all])) == [#"{shard=""} 0"#])
        #expect(
            samples(lines([away, all, away])) == [
                #"{shard=""} 0"#, #"{shard="10.0.0.7:6379"} 1"#, #"{shard="2 hash slots"} 1"#,
            ])
    }

    @Test("a node is ready unless a reason holds")
    func readiness() {
        let ready = lines([])
        #expect(ready.contains("fantail_ready 1") && ready.contains(#"fantail_unready{reason="draining"} 0"#))
        let unready = lines([], unready: "presence")
        #expect(unready.contains("fantail_ready 0") && unready.contains(#"fantail_unready{reason="presence"} 1"#))
    }

    @Test("every metric is described once, before its samples, and the page ends with a line end")
    func form() {
        let page = lines([
            reading { counters, _ in
                counters.serving.counters.closes = [.byNode(.normal): 1, .byClient(.goingAway): 2]
                counters.serving.counters.responses = [404: 1, 200: 2]
            }
        ])
        #expect(page.last == "")
        let helps = page.filter { $0.hasPrefix("# HELP ") }.map { $0.split(separator: " ")[2] }
        #expect(Set(helps).count == helps.count && helps.allSatisfy { $0.hasPrefix("fantail_") })
        var current: Substring = ""
        for line in page.dropLast() {
            if line.hasPrefix("#") { current = line.split(separator: " ")[2] }
            #expect(line.hasPrefix("#") || line.hasPrefix(current), "\(line) stands behind \(current)")
        }
        let closes = page.filter { $0.hasPrefix("fantail_closes_total{") }
        #expect(
            closes == [
                #"fantail_closes_total{code="1000",by="node"} 1"#, #"fantail_closes_total{code="1001",by="client"} 2"#,
            ])
    }
}
