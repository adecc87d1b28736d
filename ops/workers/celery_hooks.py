"""Celery: every task of a worker that imports this is a task of Fantail, under Celery's own id.

    app = Celery("films", broker="redis://127.0.0.1:6379/1")
    import celery_hooks                               # start, completed, failed, retried, revoked: by themselves

    @app.task
    def render(film):
        for number, frame in enumerate(film.frames):
            draw(frame)
            celery_hooks.at(number * 100 // len(film.frames), f"frame {number}")
        return {"videoUrl": film.url}

    fantail watch "$(celery -A films call films.render ...)"
"""

from celery import signals

from fantail_progress import Progress

_current = None


def at(percent, message=None):
    """How far the task that is running is."""
    if _current is not None:
        _current.at(percent, message)


@signals.task_prerun.connect
def _started(task_id, task, **_):
    global _current
    _current = Progress(task_id)
    _current.start(message=task.name)


@signals.task_postrun.connect
def _left(**_):
    global _current
    _current = None


@signals.task_success.connect
def _succeeded(sender, result, **_):
    Progress(sender.request.id).tell(type="completed", result=result)


@signals.task_failure.connect
def _failed(task_id, exception, **_):
    Progress(task_id).failed(exception, code=type(exception).__name__)


@signals.task_retry.connect
def _will_be_retried(request, reason, **_):
    Progress(request.id).failed(reason, code="RETRY", retryable=True)


@signals.task_revoked.connect
def _revoked(request, **_):
    Progress(request.id).failed("revoked", code="REVOKED")
