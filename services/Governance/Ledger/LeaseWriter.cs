using Gateway.Contracts.Budgets;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Ledger;

/// <summary>The one who answers leases in this instance.</summary>
internal sealed class LeaseWriter(LeaseDesk desk) : SharedFlush<LeaseRequest, LeaseResponse>(mostWaiting: 256, MostTogether)
{
    /// <summary>Leases asked about in one transaction.</summary>
    private const int MostTogether = 10_000;

    /// <summary>Answers a question; the answer is there only after the commit.</summary>
    public Task<LeaseResponse> AskAsync(LeaseRequest request, CancellationToken cancellation) => WaitAsync(request, cancellation);

    protected override int SizeOf(LeaseRequest ask) => ask.Leases.Count + 1;

    protected override async Task<IReadOnlyList<LeaseResponse>> AnswerAsync(IReadOnlyList<LeaseRequest> asks) => await desk.AnswerAsync(asks, CancellationToken.None).ConfigureAwait(false);
}
