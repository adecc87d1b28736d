import Redis
import RESP
import Store

/// Removes a dead loop's viewers from some tasks' hashes, and then these from the loop's list: steps cut off in between
/// are done again. Each hash is a key of its own, in another hash slot than the list.
final class EmptyingRooms {
    private let incarnation: String
    private let store: PresenceStore
    private let completion: (_ hasMore: Bool) -> Void
    private var emptied: [String] = []
    private var open = 0

    init(of incarnation: String, store: PresenceStore, _ completion: @escaping (_ hasMore: Bool) -> Void) {
        self.incarnation = incarnation
        self.store = store
        self.completion = completion
    }

    /// Starts. The object keeps itself alive until it is done.
    func start() {
        store.send(RoomsRequest(of: incarnation, keys: store.keys)) { [self] result in
            guard case .success(let rooms) = result, !rooms.isEmpty else { return completion(false) }
            open = rooms.count
            for room in rooms { store.send(EmptyRoom(room, of: incarnation)) { [self] in didEmpty(room, $0) } }
        }
    }

    /// Rooms out of reach, as where one server of a cluster is away, stay in the loop's list: they are tried again with
    /// what is left, and where nothing could be emptied, when a loop next looks for dead ones.
    private func didEmpty(_ room: String, _ result: Result<Void, RedisError>) {
        open -= 1
        if case .success = result { emptied.append(room) }
        guard open == 0 else { return }
        guard !emptied.isEmpty else { return completion(false) }
        store.send(LeaveRooms(emptied, by: incarnation, keys: store.keys)) { [completion] result in
            if case .success = result { completion(true) } else { completion(false) }
        }
    }
}
