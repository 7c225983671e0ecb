using System.Threading.Channels;

namespace Gateway.Governance.Storage;

/// <summary>The one who answers questions of a kind in this instance: those that wait are answered together, so that they share one flush to disk.</summary>
/// <typeparam name="TAsk">A question.</typeparam>
/// <typeparam name="TAnswer">Its answer.</typeparam>
internal abstract class SharedFlush<TAsk, TAnswer>(int mostWaiting, int mostTogether) : BackgroundService
{
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(mostWaiting) { SingleReader = true });

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        while (_queue.Reader.TryRead(out var waiting))
        {
            waiting.Done.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Asks; the answer is there only after the commit.</summary>
    protected async Task<TAnswer> WaitAsync(TAsk ask, CancellationToken cancellation)
    {
        var waiting = new Waiting(ask, new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _queue.Writer.WriteAsync(waiting, cancellation).ConfigureAwait(false);
        return await waiting.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>How much of a transaction a question takes, in the unit of <c>mostTogether</c>.</summary>
    protected abstract int SizeOf(TAsk ask);

    /// <summary>Answers questions in one transaction. Not cancelled at shutdown: a commit under way is cheaper to finish than to have asked again.</summary>
    protected abstract Task<IReadOnlyList<TAnswer>> AnswerAsync(IReadOnlyList<TAsk> asks);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var together = new List<Waiting>();
        while (await _queue.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            together.Clear();
            for (var size = 0; size < mostTogether && _queue.Reader.TryRead(out var next); size += SizeOf(next.Ask))
            {
                together.Add(next);
            }

            try
            {
                var answers = await AnswerAsync([.. together.Select(static w => w.Ask)]).ConfigureAwait(false);
                for (var i = 0; i < together.Count; i++)
                {
                    together[i].Done.TrySetResult(answers[i]);
                }
            }
            catch (Exception fault)
            {
                // It outlives any fault of the store: nothing was answered, so that whoever asked asks again.
                together.ForEach(w => w.Done.TrySetException(fault));
            }
        }
    }

    private sealed record Waiting(TAsk Ask, TaskCompletionSource<TAnswer> Done);
}
