import RESP
import Testing

@testable import Cluster

@Suite("A redirection")
struct RedirectionTests {
    private let place = Address.tcp(host: "asked", port: 7000)

    @Test(
        "is read from what Redis answers",
        arguments: [
            ("MOVED 3999 127.0.0.1:6381", .moved(slot(3999), to: .tcp(host: "127.0.0.1", port: 6381))),
            ("MOVED 0 redis-2.example:65535", .moved(slot(0), to: .tcp(host: "redis-2.example", port: 65_535))),
            ("MOVED 1 2001:db8::1:6381", .moved(slot(1), to: .tcp(host: "2001:db8::1", port: 6381))),
            ("MOVED 16383 :6381", .moved(slot(16_383), to: .tcp(host: "asked", port: 6381))),
            ("MOVED 1 ?:6381", .moved(slot(1), to: nil)), ("MOVED 1 a:0", .moved(slot(1), to: nil)),
            ("MOVED 1 a:65536", .moved(slot(1), to: nil)), ("MOVED 1 a:+5", .moved(slot(1), to: nil)),
            ("MOVED 1 a", .moved(slot(1), to: nil)), ("ASK 3999 b:1", .ask(slot(3999), at: .tcp(host: "b", port: 1))),
            ("ASK 1 :1", .ask(slot(1), at: .tcp(host: "asked", port: 1))), ("ASK 1 ?:1", .ask(slot(1), at: nil)),
            ("TRYAGAIN Multiple keys request during rehashing of slot", .tryAgain),
            ("CLUSTERDOWN Hash slot not served", .down), ("CLUSTERDOWN The cluster is down", .down),
            ("CROSSSLOT Keys in request don't hash to the same slot", .crossSlot),
            ("READONLY You can't write against a read only replica.", .notServing),
            ("READONLY Can not run script with write flag on readonly replica.", .notServing),
            ("MASTERDOWN Link with MASTER is down", .notServing), ("LOADING Redis is loading the dataset", .notServing),
            (
                "ERR Script attempted to access a non local key in a cluster node script: 9f, on @user_script:3.",
                .tryAgain
            ),
            ("ERR Script attempted to access keys that do not hash to the same slot script: 9f.", .crossSlot),
        ] as [(String, Redirection)])
    func read(line: String, redirection: Redirection) {
        #expect(Redirection(RedisReplyError(line: line), from: place) == redirection)
    }

    @Test(
        "is none where the command was answered",
        arguments: [
            "ERR wrong number of arguments", "NOREPLICAS Not enough good replicas to write.",
            "MISCONF Redis is configured",
            "OOM command not allowed", "NOSCRIPT No matching script", "NOPERM no", "BUSY Redis is busy", "FINISHED x",
            "MOVED", "MOVED 1", "MOVED x a:1", "MOVED 16384 a:1", "MOVED -1 a:1", "MOVED 99999999999999999999 a:1",
            "MOVED 1 a:1 more", "ASK 16384 a:1", "moved 1 a:1", "",
        ])
    func none(line: String) {
        #expect(Redirection(RedisReplyError(line: line), from: place) == nil)
    }
}

func slot(_ number: Int) -> HashSlot { HashSlot(number)! }
