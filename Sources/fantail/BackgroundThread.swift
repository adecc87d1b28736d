import Glibc

/// A thread that runs a closure.
struct BackgroundThread: @unchecked Sendable {
    // Sendable: the identifier is a number, joined once.
    private let identifier: pthread_t

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread. Traps where the process can have no more.
    init(_ run: @escaping @Sendable () -> Void) {
        let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
            return nil
        }
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, main, Unmanaged.passRetained(Body(run)).toOpaque())
        precondition(code == 0, "BackgroundThread: pthread_create failed with \(code)")
        identifier = thread
    }

    /// Waits for its end. Once.
    func join() { pthread_join(identifier, nil) }
}
