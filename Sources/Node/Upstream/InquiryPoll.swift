import Events
import Dialects
import EventLoop
import RESP
import Redis
import Store

/// Asks the third parties of unfinished tasks, whoever watches: each second this node takes some that are due,
/// and puts them off a little, so that another node takes them over if this one dies.
final class InquiryPoll {
    private unowned let core: LoopCore
    private let inquiries: Inquiries
    private var timer: Timer?

    init(core: LoopCore, inquiries: Inquiries) {
        self.core = core
        self.inquiries = inquiries
    }

    /// Begins, and goes on until ``stop()``.
    func start() {
        let channel = core.shared.configuration.naming.restartsChannel
        core.subscriptions.subscribe(restarts: channel) { [weak self] in self?.hear(ofRestart: $0) }
        wait()
    }

    private func wait() {
        timer = core.loop.schedule(after: core.limits.pollTickMilliseconds) { [weak self] in
            guard let self else { return }
            tick()
            wait()
        }
    }

    func stop() { timer?.cancel() }

    private func tick() {
        // Half of the room is for viewers, however slow the third parties are.
        let room = core.limits.inquiriesPerLoop / 2 - inquiries.count
        let count = min(core.limits.pollBatch, room)
        guard count > 0 else { return }
        let take = TakeDueScript(due, most: count, milliseconds: core.limits.takeoverMilliseconds)
        core.redis.run(take) { [weak self] result in
            guard case .success(let channels) = result else { return }
            for taken in channels { self?.ask(taken) }
        }
    }

    private func ask(_ taken: TakeDueScript.Taken) {
        let naming = core.shared.configuration.naming
        guard let name = naming.name(ofChannel: taken.channel[...]).flatMap({ ChannelName(String($0)) }) else {
            return drop(taken)
        }
        inquiries.ask(about: name, isEager: false) { [weak self] outcome in
            // The task has ended, is gone, or has nobody to ask.
            if outcome == .nobodyToAsk { self?.drop(taken) }
        }
    }

    private func drop(_ taken: TakeDueScript.Taken) {
        core.redis.run(DropDueScript(taken.channel, due: taken.due, in: due)) { _ in }
    }

    private var due: DueSet { .inquiries(core.shared.configuration.naming) }

    // MARK: Restarts

    /// A worker says that a task runs again. Anybody may say so: who has nobody to ask is dropped as it is taken.
    func hear(ofRestart payload: UnsafeRawBufferPointer) {
        let channel = String(decoding: payload, as: UTF8.self)
        let naming = core.shared.configuration.naming
        guard let name = naming.name(ofChannel: channel[...]).flatMap({ ChannelName(String($0)) }), name.kind == .task
        else { return }
        core.redis.send(SecretsExist(of: name, naming: naming)) { [weak self] result in
            if case .success(true) = result { self?.enter(channel) }
        }
    }

    /// The task's third party is to be asked.
    func enter(_ channel: String) {
        core.redis.run(EnterDueScript(channel, milliseconds: core.limits.pollMilliseconds, in: due)) { _ in }
    }
}
