using System.Net;
using Gateway.ControlPlane;
using Gateway.Edge.Journal;
using Gateway.Edge.Tests.ControlPlane;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Edge.Tests.Journal;

/// <summary>Above what governance takes, usage is summed; whatever dies in between, each record counts once, in one form.</summary>
public sealed class SummingTests : IAsyncLifetime
{
    private static readonly UploaderOptions Sums = new()
    {
        SumAbove = 1, SumBelow = 0, SumAtFill = 0, BatchRecords = 40, FirstRetry = TimeSpan.FromMilliseconds(5), LongestRetry = TimeSpan.FromMilliseconds(20),
    };

    private static readonly UploaderOptions Single = Sums with { SumAbove = long.MaxValue };

    private readonly JournalFixture _fixture = new();
    private FakeGovernance _governance = null!;

    public async ValueTask InitializeAsync()
    {
        _governance = await FakeGovernance.StartAsync();
        _governance.TakesSums = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _governance.DisposeAsync();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Sums_have_the_totals_of_what_they_stand_for()
    {
        long cost;
        using (var journal = _fixture.Open())
        {
            cost = Append(journal, 2_000, 0);
            await DeliverAsync(journal, Sums, () => journal.BacklogRecords == 0);
        }

        Assert.Equal((2_000, cost), (_governance.Ledger.Sum(r => r.Count), _governance.Ledger.Sum(r => r.CostNanoUsd)));
        Assert.Equal(Enumerable.Range(0, 2_000).Sum(i => (long)i), _governance.Ledger.Sum(r => r.Tokens.Input));
        Assert.InRange(_governance.Ledger.Count, 1, 400);
        Assert.All(_governance.Ledger.Where(r => r.Count > 1), r => Assert.Equal(("", "", ""), (r.EndUser, r.SessionId, r.TraceId)));

        // Sums keep apart what is charged or priced apart.
        Assert.All(_governance.Ledger, r => Assert.Equal(r.Model, r.PriceVersion));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task An_edge_that_dies_at_any_step_and_goes_on_in_any_form_counts_each_record_once(int seed)
    {
        var random = new Random(seed);
        var (requests, cost) = (0, 0L);
        for (var run = 0; run < 12; run++)
        {
            // What the answer is lost of, or never stored: the step at which the edge dies.
            var left = random.Next(1, 5);
            var (before, after) = (random.Next(3) == 0, random.Next(2) == 0);
            var died = false;
            _governance.OnBatch = _ => before && --left == 0 ? Die(HttpStatusCode.ServiceUnavailable) : died ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
            _governance.OnStored = () => after && --left <= 0 ? Die(HttpStatusCode.InternalServerError) : HttpStatusCode.OK;
            using var journal = _fixture.Open();
            var more = random.Next(50, 400);
            cost += Append(journal, more, requests);
            requests += more;
            await DeliverAsync(journal, random.Next(2) == 0 ? Sums with { BatchRecords = random.Next(5, 60) } : Single with { BatchRecords = random.Next(5, 60) }, () => died || journal.BacklogRecords == 0);

            HttpStatusCode Die(HttpStatusCode status)
            {
                died = true;
                return status;
            }
        }

        _governance.OnBatch = _ => HttpStatusCode.OK;
        _governance.OnStored = () => HttpStatusCode.OK;
        using (var journal = _fixture.Open())
        {
            await DeliverAsync(journal, Sums, () => journal.BacklogRecords == 0);
        }

        Assert.Equal((requests, cost), (_governance.Ledger.Sum(r => r.Count), _governance.Ledger.Sum(r => r.CostNanoUsd)));
    }

    [Fact]
    public async Task Sums_that_governance_refuses_are_sent_one_by_one()
    {
        _governance.OnBatch = batch => batch.Summed is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest;
        using var journal = _fixture.Open();
        var cost = Append(journal, 300, 0);
        await DeliverAsync(journal, Sums, () => journal.BacklogRecords == 0);

        Assert.Equal((300, cost), (_governance.Ledger.Count, _governance.Ledger.Sum(r => r.CostNanoUsd)));
    }

    [Fact]
    public void Summing_begins_when_more_arrive_than_are_taken_and_ends_when_few_wait()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var policy = new SummingPolicy(new UploaderOptions { SumAbove = 1_000, SumBelow = 100, SumAfter = TimeSpan.FromSeconds(10) }, time);
        Assert.False(policy.Decide(999, 0));

        // After an outage: many wait, but ever fewer.
        Assert.False(policy.Decide(90_000, 0));
        time.Now += TimeSpan.FromSeconds(10);
        Assert.False(policy.Decide(80_000, 0));
        time.Now += TimeSpan.FromSeconds(10);
        Assert.True(policy.Decide(85_000, 0));
        Assert.True(policy.Decide(101, 0));
        Assert.False(policy.Decide(100, 0));

        // An interruption starts the measuring anew; a journal that is half full does not wait for it.
        Assert.False(policy.Decide(5_000, 0));
        policy.Interrupted();
        time.Now += TimeSpan.FromSeconds(10);
        Assert.False(policy.Decide(9_000, 0));
        Assert.True(policy.Decide(9_000, 0.5));
    }

    private static long Append(UsageJournal journal, int count, int from)
    {
        var cost = 0L;
        for (var i = from; i < from + count; i++)
        {
            var model = $"m{i % 3}";
            JournalFixture.Append(journal, JournalFixture.Entry(model, i) with
            {
                StartedAtMicros = 1_700_000_000_000_000 + (i * 10_000L), CostNanoUsd = i * 7L, PriceVersion = model, EndUser = $"e{i}", SessionId = "s", TraceId = 5,
                GivenId = i % 97 == 0 ? (UInt128)(ulong)(i + 1) << 64 : 0,
            });
            cost += i * 7L;
        }

        return cost;
    }

    private async Task DeliverAsync(UsageJournal journal, UploaderOptions options, Func<bool> until)
    {
        using var client = _governance.Client();
        using var contact = new GovernanceContact(TimeProvider.System);
        using var uploader = new UsageUploader(
            journal, new JournalOptions { Directory = _fixture.Folder }, client, contact, options, TimeProvider.System, NullLogger<UsageUploader>.Instance);
        await uploader.StartAsync(TestContext.Current.CancellationToken);
        await JournalFixture.Until(until, "all are delivered, or the edge dies");

        // Stopped without a last delivery, as a killed one.
        await uploader.StopAsync(TestContext.Current.CancellationToken);
    }
}
