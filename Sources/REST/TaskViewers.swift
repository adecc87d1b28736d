import Events
import Redis
import Store

/// Counts the viewers of tasks on all nodes.
struct TaskViewers {
    let bus: any Bus
    let naming: Naming

    /// The viewers of each task, in the order of `channels`.
    nonisolated(nonsending) func counts(of channels: [ChannelName]) async throws(Refusal) -> [Int64] {
        let rooms = try await bus.ask(all: channels.map { RoomViewers(in: naming.viewersKey(of: $0)) })
        guard rooms.contains(where: { !$0.isEmpty }) else { return rooms.map { _ in 0 } }
        // A loop that stalled may write its count after another loop has taken it out.
        let home = PresenceBuckets(naming, areSpread: bus.isSpread).home
        let loops = try await bus.ask(RegisteredLoops(keys: home))
        return rooms.map { max(0, $0.filter { loops.contains($0.incarnation) }.map(\.viewers).clampedSum) }
    }
}
