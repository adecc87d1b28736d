internal import EventLoop
public import RESP
import Redis
public import Sentinels

extension SentinelSurvey {
    /// Asks each Sentinel of `group`, on a separate loop; takes a second where a Sentinel is silent.
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

private actor Surveyor {
    /// The survey also asks Sentinels that others name, until this many ticks have passed without a new Sentinel.
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
