"""Celery: every task of a worker that imports this module becomes a Fantail task with the same id.

    app = Celery("films", broker="redis://127.0.0.1:6379/1")
    import celery_hooks                               # publishes start, completed, failed, retried and revoked

    @app.task
    def render(film):
        for number, frame in enumerate(film.frames):
            draw(frame)
            celery_hooks.at(number * 100 // len(film.frames), f"frame {number}")
        return {"videoUrl": film.url}

    fantail watch "$(celery -A films call films.render ...)"
"""

from celery import current_task, signals

from fantail_progress import Progress


def at(percent, message=None):
    """Publishes the progress of the task that this thread runs."""
    request = current_task.request if current_task else None
    if request is not None and request.id:
        if not hasattr(request, "fantail"):
            request.fantail = Progress(request.id)
        request.fantail.at(percent, message)


@signals.task_prerun.connect
def _started(task_id, task, **_):
    Progress(task_id).start(message=task.name)


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
