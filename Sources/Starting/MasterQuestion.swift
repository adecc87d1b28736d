import Glibc
import RESP
import Redis
import Standing
import Store

/// The answers of one Redis that takes writes.
struct MasterCondition: Sendable {
    let address: String
    var info = RedisInfo("")
    /// Milliseconds between a PING and its answer.
    var milliseconds = 0.0
    /// Whether workers can call the Function that a node of these settings loads when it starts.
    var hasFunction = false
    /// Why a node cannot use it; nil where it can.
    var trouble: String?
    /// The terms of TLS; nil without TLS.
    var security: TLSTerms?

    var version: String { info["redis_version"] ?? "unknown" }

    /// The condition in a line.
    var words: String {
        if let trouble { return trouble }
        let milliseconds = (milliseconds * 100).rounded() / 100
        let function = hasFunction ? "the Function is there" : "the Function is not there yet"
        let parts = [
            "version \(version), answers in \(milliseconds) ms, accepted the scripts and a message", function,
            security?.words,
        ]
        return parts.compactMap(\.self).joined(separator: "; ")
    }
}

/// What `fantail check` asks each Redis that takes writes.
struct MasterQuestion: Sendable {
    private let channel: String
    private let version: FunctionVersion
    private let function: PublishFunction
    private let rights: NeededRights
    private let pubSub: ClusterPubSub

    init(_ naming: Naming, history: HistoryLimits, pubSub: ClusterPubSub) {
        channel = naming.checkChannel
        version = FunctionVersion(naming)
        function = PublishFunction(naming: naming, limits: history, pubSub: pubSub)
        rights = NeededRights(naming)
        self.pubSub = pubSub
    }

    func ask(_ master: any CommandBus, isolation: isolated (any Actor)?) async -> MasterCondition {
        var condition = MasterCondition(address: master.address.map { "\($0)" } ?? "")
        do throws(RedisError) {
            let start = Self.milliseconds
            try await master.send(PingRequest())
            condition.milliseconds = Self.milliseconds - start
            condition.info = try await master.send(InfoRequest([.server, .memory, .keyspace, .replication]))
            try await master.send(EmptyMessage(to: channel))
            let commands = rights.commands(inCluster: condition.info.isCluster ? pubSub : nil)
            let denied = try await master.run(RightsScript(commands))
            condition.trouble = denied.isEmpty ? nil : Self.lacks(denied)
            condition.hasFunction = await hasFunction(master)
        } catch {
            condition.trouble = "\(error)"
        }
        return condition
    }

    private func hasFunction(_ master: any CommandBus, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        let found = try? await master.send(version)
        return function.need(where: found?.version, isConnecting: true) == .nothing
    }

    private static func lacks(_ denied: [String]) -> String {
        "the Redis user lacks rights that a node needs: \(NeededRights.summary(denied))"
    }

    private static var milliseconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
    }
}
