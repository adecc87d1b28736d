import Cluster
import EventLoop
import RESP
import Redis

/// A pending command.
struct ClusterCall {
    enum Body {
        case command(RedisCommand)
        case script(RedisScript, keys: [String], arguments: [[UInt8]])
    }

    let slot: HashSlot
    let body: Body
    let byteCount: Int
    let completion: CommandBus.Completion
    var route: CommandRoute
    /// The server for the next attempt, where it is not the master of the slot.
    var target: Address?

    init(_ body: Body, in slot: HashSlot, route: CommandRoute, _ completion: @escaping CommandBus.Completion) {
        (self.slot, self.body, self.route, self.completion) = (slot, body, route, completion)
        byteCount =
            switch body {
            case .command(let command): command.encoded.count
            case .script(let script, let keys, let arguments):
                ScriptCall(script: script, keys: keys, arguments: arguments).byteCount
            }
    }
}

/// How much of a loop waits before it is sent. A command that has to wait is refused beyond the bounds; one that was sent
/// and redirected is not: it is one of those that had room on the wire.
struct WaitingCommands {
    private(set) var count = 0
    private(set) var byteCount = 0

    func isFull(adding call: ClusterCall) -> Bool {
        count >= RedisLimits.maxWaitingCommands || byteCount + call.byteCount > RedisLimits.maxWaitingBytes
    }

    mutating func add(_ call: ClusterCall) { (count, byteCount) = (count + 1, byteCount + call.byteCount) }
    mutating func remove(_ call: ClusterCall) { (count, byteCount) = (count - 1, byteCount - call.byteCount) }
}

// MARK: Calling

extension ClusterCommands {
    func run(_ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion) {
        guard let key = keys.first else {
            return withAnyMaster(completion) { $0.run(script, keys: [], arguments: arguments, completion) }
        }
        call(.script(script, keys: keys, arguments: arguments), key, completion)
    }

    func send(_ command: RedisCommand, _ completion: @escaping Completion) {
        guard let key = command.key else { return withAnyMaster(completion) { $0.send(command, completion) } }
        call(.command(command), key, completion)
    }

    /// Publishes at one master for each channel, so that messages stay in order, also while its own master is away; the
    /// cluster passes them on to every server.
    func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion) {
        if let home = map?[HashSlot.of(channel)], masterConnections[home].isReady {
            return masterConnections[home].publish(message, to: channel, completion)
        }
        let ready = masterConnections.ready.map(\.address)
        guard let standIn = HashSlot.of(channel).standIn(among: ready) else {
            return completion(.failure(whyNotReady))
        }
        masterConnections[standIn].publish(message, to: channel, completion)
    }

    /// Empty during the first attempt to connect to that master, or once it is demoted: commands wait, and the connection
    /// that sends them fills in the run id.
    func runID(for key: String) -> String? {
        guard isReady, let home = map?[HashSlot.of(key)] else { return nil }
        let mayWait = masterConnections.isNew(home) || masterConnections.isDemoted(home)
        return masterConnections[home].runID ?? (mayWait ? "" : nil)
    }

    private func withAnyMaster(_ completion: Completion, _ body: (CommandConnection) -> Void) {
        guard let master = masterConnections.ready.randomElement() else { return completion(.failure(whyNotReady)) }
        body(master.connection)
    }

    private func call(_ body: ClusterCall.Body, _ key: String, _ completion: @escaping Completion) {
        guard map != nil else { return completion(.failure(whyNotReady)) }
        let slot = HashSlot.of(key)
        let call = ClusterCall(body, in: slot, route: CommandRoute(at: loop.now), completion)
        if queues[slot]?.isHolding == true {
            guard !waiting.isFull(adding: call) else { return completion(.failure(.overloaded)) }
            waiting.add(call)
        }
        if let entry = queues[slot, default: SlotQueue()].add(call) { send(entry) }
    }
}

// MARK: Sending

extension ClusterCommands {
    private typealias Entry = SlotQueue<ClusterCall>.Entry

    private func send(_ entry: Entry) {
        guard map != nil else { return finish(entry, .failure(whyNotReady)) }
        let call = entry.command
        guard let address = call.target ?? map?[call.slot] else {
            return redirect(entry, .down, .reply(.notServed), from: nil)
        }
        let connection = masterConnections[address]
        if masterConnections.isNew(address), !connection.isReady {
            guard !waiting.isFull(adding: call) else { return finish(entry, .failure(.overloaded)) }
            waiting.add(call)
            return connection.whenConnected { [weak self] _ in
                self?.waiting.remove(call)
                self?.send(entry, to: address)
            }
        }
        send(entry, to: address)
    }

    private func send(_ entry: Entry, to address: Address) {
        guard map != nil else { return finish(entry, .failure(whyNotReady)) }
        let connection = masterConnections[address]
        guard connection.isReady else {
            // After a planned failover another master has the slot already: only the map does not know it yet.
            if masterConnections.isDemoted(address) {
                return redirect(entry, .down, connection.whyNotReady, from: nil)
            }
            doubtMap()
            return finish(entry, .failure(connection.whyNotReady))
        }
        let isAsking = entry.command.target != nil
        let completion: Completion = { [weak self] in self?.receive($0, entry, from: address) }
        switch entry.command.body {
        case .command(let command):
            isAsking ? connection.ask(command, completion) : connection.send(command, completion)
        case .script(let script, let keys, let arguments):
            isAsking
                ? connection.ask(script, keys: keys, arguments: arguments, completion)
                : connection.run(script, keys: keys, arguments: arguments, completion)
        }
    }

    private func receive(_ result: Result<RedisValue, RedisError>, _ entry: Entry, from address: Address) {
        if case .failure(.reply(let error)) = result, let redirection = Redirection(error, from: address) {
            redirect(entry, redirection, .reply(error), from: address)
        } else {
            finish(entry, result)
        }
    }

    private func redirect(_ entry: Entry, _ redirection: Redirection, _ error: RedisError, from address: Address?) {
        // An answer of before may be handed out while the connections close.
        guard !isClosed else { return finish(entry, .failure(.closed)) }
        let isMaster = { [map] (address: Address) in map?.masters.contains(address) == true }
        learn(redirection, from: address)
        reportOpen(entry.command.slot, redirection, from: address)
        var entry = entry
        let step = entry.command.route.receive(redirection, at: loop.now, isMaster: isMaster)
        entry.command.target = nil
        let slot = entry.command.slot
        switch step {
        case .home: sendAgain(entry, afterWait: false)
        case .ask(let target):
            entry.command.target = target
            sendAgain(entry, afterWait: false)
        case .wait(let milliseconds):
            sendAgain(entry, afterWait: true)
            loop.schedule(after: milliseconds) { [weak self] in self?.endWait(of: slot) }
        case .map:
            sendAgain(entry, afterWait: true)
            slotsWithoutMap.append(slot)
        case .giveUp: return finish(entry, .failure(error))
        }
        sendReady(of: slot)
    }

    private func reportOpen(_ slot: HashSlot, _ redirection: Redirection, from address: Address?) {
        guard let address else { return }
        switch redirection {
        case .ask(_, let target): observer?.slotIsOpen(slot, from: address, to: target)
        case .tryAgain: observer?.slotIsOpen(slot, from: address, to: nil)
        case .moved, .down, .notServing, .crossSlot: break
        }
    }

    private func sendAgain(_ entry: Entry, afterWait isWaiting: Bool) {
        waiting.add(entry.command)
        queues[entry.command.slot]?.sendAgain(entry, afterWait: isWaiting)
    }

    private func finish(_ entry: Entry, _ result: Result<RedisValue, RedisError>) {
        let slot = entry.command.slot
        queues[slot]?.didFinish()
        if queues[slot]?.isEmpty == true { queues[slot] = nil }
        entry.command.completion(result)
        sendReady(of: slot)
    }

    private func sendReady(of slot: HashSlot) {
        let ready = queues[slot]?.takeReady() ?? []
        for entry in ready { waiting.remove(entry.command) }
        for entry in ready { send(entry) }
    }

    private func endWait(of slot: HashSlot) {
        queues[slot]?.didWait()
        sendReady(of: slot)
    }

    /// The survey is over, with or without a map.
    func resumeWaitingForMap() {
        let slots = slotsWithoutMap
        slotsWithoutMap = []
        for slot in slots { endWait(of: slot) }
    }

    /// The bus is closed: commands that wait fail.
    func failWaiting(of slot: HashSlot, _ error: RedisError) {
        guard var queue = queues.removeValue(forKey: slot) else { return }
        let entries = queue.removeWaiting()
        for entry in entries { waiting.remove(entry.command) }
        for entry in entries { entry.command.completion(.failure(error)) }
    }
}
