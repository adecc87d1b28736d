import Events

/// Whoever asks third parties how tasks stand.
protocol Inquirer: AnyObject {
    /// Has the task's third party asked, where it has one, for one viewer. `completion` is told whether the stored state may
    /// have changed. `isEager`: an answer that came a moment ago will not do.
    func ask(
        about name: ChannelName, isEager: Bool, for viewer: any Viewer,
        _ completion: @escaping (_ mayHaveChanged: Bool) -> Void)
}
