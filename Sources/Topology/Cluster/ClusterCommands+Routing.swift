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
    let completion: CommandBus.Completion
    var route: CommandRoute
    /// The server for the next attempt, where it is not the master of the slot.
    var target: Address?
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
        guard max(queues[slot]?.waitingCount ?? 0, connectingCount) < RedisLimits.maxPendingCommands else {
            return completion(.failure(.overloaded))
        }
        let call = ClusterCall(slot: slot, body: body, completion: completion, route: CommandRoute(at: loop.now))
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
            connectingCount += 1
            return connection.whenConnected { [weak self] _ in
                self?.connectingCount -= 1
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
        case .home: queues[slot]?.sendAgain(entry, afterWait: false)
        case .ask(let target):
            entry.command.target = target
            queues[slot]?.sendAgain(entry, afterWait: false)
        case .wait(let milliseconds):
            queues[slot]?.sendAgain(entry, afterWait: true)
            loop.schedule(after: milliseconds) { [weak self] in self?.endWait(of: slot) }
        case .map:
            queues[slot]?.sendAgain(entry, afterWait: true)
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

    private func finish(_ entry: Entry, _ result: Result<RedisValue, RedisError>) {
        let slot = entry.command.slot
        queues[slot]?.didFinish()
        if queues[slot]?.isEmpty == true { queues[slot] = nil }
        entry.command.completion(result)
        sendReady(of: slot)
    }

    private func sendReady(of slot: HashSlot) {
        for entry in queues[slot]?.takeReady() ?? [] { send(entry) }
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
        for entry in queue.removeWaiting() { entry.command.completion(.failure(error)) }
    }
}
