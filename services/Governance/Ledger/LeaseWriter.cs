using System.Threading.Channels;
using Gateway.Contracts.Budgets;

namespace Gateway.Governance.Ledger;

/// <summary>The one who answers leases in this instance: questions that wait are answered together, so that they share one flush to disk.</summary>
internal sealed class LeaseWriter(LeaseDesk desk) : BackgroundService
{
    /// <summary>Leases asked about in one transaction.</summary>
    private const int MostTogether = 10_000;

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(256) { SingleReader = true });

    /// <summary>Answers a question; the answer is there only after the commit.</summary>
    public async Task<LeaseResponse> AskAsync(LeaseRequest request, CancellationToken cancellation)
    {
        var waiting = new Waiting(request, new TaskCompletionSource<LeaseResponse>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _queue.Writer.WriteAsync(waiting, cancellation).ConfigureAwait(false);
        return await waiting.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        while (_queue.Reader.TryRead(out var waiting))
        {
            waiting.Done.TrySetCanceled(CancellationToken.None);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var together = new List<Waiting>();
        while (await _queue.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            together.Clear();
            for (var leases = 0; leases < MostTogether && _queue.Reader.TryRead(out var next); leases += next.Request.Leases.Count + 1)
            {
                together.Add(next);
            }

            await AnswerAsync(together).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(List<Waiting> together)
    {
        try
        {
            // Not cancelled at shutdown: a commit under way is cheaper to finish than to have asked again.
            var answers = await desk.AnswerAsync([.. together.Select(w => w.Request)], CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < together.Count; i++)
            {
                together[i].Done.TrySetResult(answers[i]);
            }
        }
        catch (Exception fault)
        {
            // The writer outlives any fault of the store: nothing was granted, so the edges ask again.
            together.ForEach(w => w.Done.TrySetException(fault));
        }
    }

    private sealed record Waiting(LeaseRequest Request, TaskCompletionSource<LeaseResponse> Done);
}
