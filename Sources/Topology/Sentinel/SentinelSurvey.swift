internal import EventLoop
public import RESP
import Redis
internal import Sentinels

/// What each Sentinel of a group says, asked once: for `fantail check`.
public struct SentinelSurvey: Sendable, Equatable {
    /// One Sentinel.
    public struct Entry: Sendable, Equatable {
        /// Where it listens.
        public let address: RedisEndpoint.Address
        /// What it says, or why it cannot be asked.
        public let words: String
        /// Whether it says what the Sentinels say together.
        public let agrees: Bool
    }

    /// Where the master is, by what they say together.
    public let master: RedisEndpoint.Address?
    /// Each that the URL names, and those that these have told of.
    public let entries: [Entry]

    init(_ watch: SentinelWatch) {
        master = watch.master
        entries = watch.sentinels.map {
            Entry(address: $0.address, words: $0.words, agrees: $0.says != nil && $0.says == watch.master)
        }
    }

    /// Asks each Sentinel of `group`, on a loop of its own; takes a second where one is silent.
    public static func of(_ group: SentinelGroup) async throws -> SentinelSurvey {
        let loop = try EventLoop(name: "sentinel-survey")
        try loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        return await Surveyor(loop: loop, group: group).survey()
    }
}

/// Lives on the loop of a survey.
private actor Surveyor {
    /// Others that are told of are asked too: until so many ticks have passed without a word of another.
    private static let quietTicks = 2

    private nonisolated let loop: EventLoop
    private let finder: SentinelFinder
    private var known = 0
    private var quiet = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop, group: SentinelGroup) {
        self.loop = loop
        finder = SentinelFinder(loop: loop, group: group, name: "fantail-check")
    }

    func survey() async -> SentinelSurvey {
        finder.start()
        while quiet < Self.quietTicks || !finder.watch.isSettled {
            await pause()
            quiet = finder.watch.sentinels.count == known ? quiet + 1 : 0
            known = finder.watch.sentinels.count
        }
        let survey = SentinelSurvey(finder.watch)
        finder.close()
        return survey
    }

    private func pause() async {
        await withCheckedContinuation { continuation in
            loop.schedule(after: RedisTiming.sentinel.tickMilliseconds) { continuation.resume() }
        }
    }
}
