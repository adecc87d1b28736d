internal import CLibuv

extension EventLoop {
    /// The end of a turn: libuv's callbacks and timers have run; the loop polls next.
    func endTurn() {
        runQueuedWork()
        for hook in sleepHooks { hook.run() }
        setAlarm()
        if localWork.isEmpty {
            uv_idle_stop(internals.stayAwake)
        } else {
            uv_idle_start(internals.stayAwake) { _ in }
        }
        if isStopping { continueStopping() }
    }

    /// Runs the queued work, and the work that it queues, up to a bound.
    private func runQueuedWork() {
        for _ in 0..<EventLoopLimits.workRoundsPerTurn {
            swap(&runningWork, &localWork)
            if inbox.take(into: &runningWork), !isStopping { beginStopping() }
            guard !runningWork.isEmpty else { return }
            for index in runningWork.indices { run(runningWork[index]) }
            runningWork.removeAll(keepingCapacity: true)
        }
    }

    private func run(_ work: Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
        case .body(let body): body()
        }
    }
}

// The end of the loop.
extension EventLoop {
    private func beginStopping() {
        isStopping = true
        for attempt in connectAttempts.values { attempt.cancel() }
        uv_walk(
            uv,
            { handle, _ in
                guard let data = uv_handle_get_data(handle) else { return }
                (Unmanaged<AnyObject>.fromOpaque(data).takeUnretainedValue() as! any LoopHandle).close()
            }, nil)
    }

    /// Once all other handles are closed, closes the loop's own handles, which ends `uv_run`.
    private func continueStopping() {
        let isIdle = openHandles == 0 && lookups == 0 && connectAttempts.isEmpty && localWork.isEmpty
        guard isIdle, !internals.isClosing, inbox.closeIfEmpty() else { return }
        internals.close()
    }
}
