using System.Collections.Concurrent;

namespace Gateway.SemanticCache.Embedding;

/// <summary>
/// A few threads of their own for what takes milliseconds of a processor: embedding, and scans of large partitions. Bounded: what does not fit is refused at once,
/// and what nobody waits for any more is not begun.
/// </summary>
internal sealed class WorkQueue : IDisposable
{
    private readonly BlockingCollection<Action> _work;
    private readonly Thread[] _threads;

    public WorkQueue(int threads, int length)
    {
        _work = new BlockingCollection<Action>(new ConcurrentQueue<Action>(), length);
        _threads = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = "cache worker", Priority = ThreadPriority.BelowNormal };
            _threads[i].Start();
        }
    }

    public int Waiting => _work.Count;

    /// <summary>Does the work on a worker; false in the task's result where the queue was full.</summary>
    public Task<(bool Done, T? Result)> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<(bool, T?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var queued = _work.TryAdd(() =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                done.TrySetCanceled(cancellationToken);
                return;
            }

            try
            {
                done.TrySetResult((true, work()));
            }
            catch (OperationCanceledException e)
            {
                done.TrySetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                // Whoever waits gets it; a worker must outlive any fault.
                done.TrySetException(e);
            }
        });
        return !queued ? Task.FromResult((false, default(T)))
            : cancellationToken.CanBeCanceled ? done.Task.WaitAsync(cancellationToken) : done.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join(TimeSpan.FromSeconds(2));
        }
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
