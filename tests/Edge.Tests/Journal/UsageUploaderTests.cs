using System.Net;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Usage;
using Gateway.ControlPlane;
using Gateway.Edge.Journal;
using Gateway.Edge.Tests.ControlPlane;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Edge.Tests.Journal;

public sealed class UsageUploaderTests : IAsyncLifetime
{
    private readonly JournalFixture _fixture = new();
    private readonly GovernanceContact _contact = new(TimeProvider.System);
    private readonly List<IDisposable> _disposables = [];
    private FakeGovernance _governance = null!;

    public async ValueTask InitializeAsync() => _governance = await FakeGovernance.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var uploader in _disposables.OfType<UsageUploader>())
        {
            await uploader.StopAsync(CancellationToken.None);
        }

        _disposables.Reverse();
        _disposables.ForEach(d => d.Dispose());
        _contact.Dispose();
        await _governance.DisposeAsync();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Records_reach_governance_whole_and_are_acknowledged()
    {
        var (journal, uploader) = await StartAsync();
        JournalFixture.Append(journal, RecordFormatTests.Everything() with { Cache = CacheUse.Semantic, SavedNanoUsd = 25, SavedTokens = 26 });
        await JournalFixture.Until(() => journal.BacklogRecords == 0, "the record is acknowledged");

        var expected = JournalFixture.ReadAll(journal).Single();
        Assert.Equal(Json(expected), Json(_governance.Ledger.Single()));
        Assert.Equal(journal.EdgeId, _governance.EdgeIds.Single());
        Assert.Equal((CacheUse.Semantic, 25, 26), (expected.Cache, expected.SavedNanoUsd, expected.SavedTokens));

        // Guards the hand-written JSON: a member added to the contract must be carried, too.
        using var sent = JsonSerializer.SerializeToDocument(expected, ContractsJson.Default.UsageRecord);
        Assert.DoesNotContain(sent.RootElement.EnumerateObject(), p => p.Value.ToString() is "" or "0" or "False" or "[]");
        Assert.DoesNotContain(sent.RootElement.GetProperty("tokens").EnumerateObject(), p => p.Value.GetInt64() == 0);
        Assert.DoesNotContain(
            sent.RootElement.GetProperty("units").EnumerateObject(),
            p => p.Value.ToString() is "0" or "Unknown");
        await uploader.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Batches_hold_no_more_than_they_may_and_keep_the_order()
    {
        var journal = OpenJournal();
        for (var i = 0; i < 2500; i++)
        {
            JournalFixture.Append(journal, JournalFixture.Entry($"m{i}"));
        }

        var seen = new List<string>();
        _governance.OnBatch = batch =>
        {
            seen.AddRange(batch.Records.Select(r => r.Model));
            return HttpStatusCode.OK;
        };
        _ = await StartAsync(journal);
        await JournalFixture.Until(() => journal.BacklogRecords == 0, "all are delivered");

        Assert.Equal(Enumerable.Range(0, 2500).Select(i => $"m{i}"), seen);
        Assert.Equal([1000, 1000, 500], _governance.Batches);
    }

    [Fact]
    public async Task Failures_are_tried_again_until_it_works_and_nothing_is_counted_twice()
    {
        var answers = new Queue<HttpStatusCode>([HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound]);
        _governance.OnBatch = _ => answers.TryDequeue(out var status) ? status : HttpStatusCode.OK;
        var lost = 2;
        _governance.OnStored = () => lost-- > 0 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK;
        var (journal, _) = await StartAsync();
        for (var i = 0; i < 100; i++)
        {
            JournalFixture.Append(journal, JournalFixture.Entry($"m{i}"));
        }

        await JournalFixture.Until(() => journal.BacklogRecords == 0, "all are delivered");
        Assert.Equal(100, _governance.Ledger.Count);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"m{i}").Order(), _governance.Ledger.Select(r => r.Model).Order());
        Assert.True(_governance.Duplicates > 0, "a lost acknowledgement makes the same ids come again");
    }

    [Fact]
    public async Task A_governance_that_comes_back_is_noticed_at_once_although_the_wait_is_long()
    {
        await _governance.StopAsync();
        var (journal, _) = await StartAsync(options: new UploaderOptions { FirstRetry = TimeSpan.FromMinutes(5), LongestRetry = TimeSpan.FromMinutes(5) });
        JournalFixture.Append(journal, JournalFixture.Entry("m"));
        await JournalFixture.Until(() => journal.BacklogRecords == 1, "the record waits");

        await _governance.RunAsync();
        await JournalFixture.Until(
            () =>
            {
                _contact.Lost();
                _contact.Answered();
                return journal.BacklogRecords == 0;
            },
            "the record is delivered");
    }

    [Fact]
    public async Task A_record_that_governance_refuses_is_set_aside_and_the_others_pass()
    {
        _governance.OnBatch = batch => batch.Records.Any(r => r.Model.StartsWith("bad", StringComparison.Ordinal)) ? HttpStatusCode.BadRequest : HttpStatusCode.OK;
        var journal = OpenJournal();
        for (var i = 0; i < 300; i++)
        {
            JournalFixture.Append(journal, JournalFixture.Entry(i is 7 or 8 or 299 ? $"bad{i}" : $"m{i}"));
        }

        var records = JournalFixture.ReadAll(journal);
        _ = await StartAsync(journal);
        await JournalFixture.Until(() => journal.BacklogRecords == 0, "all are delivered or set aside");

        Assert.Equal(297, _governance.Ledger.Count);
        Assert.Equal(0, _governance.Duplicates);
        var kept = Directory.GetFiles(Path.Combine(_fixture.Folder, "rejected"))
            .Select(f => JsonSerializer.Deserialize(File.ReadAllText(f), ContractsJson.Default.UsageRecord)!);
        Assert.Equal(records.Where(r => r.Model.StartsWith("bad", StringComparison.Ordinal)).Select(Json), kept.OrderBy(r => r.Id, StringComparer.Ordinal).Select(Json));
    }

    [Fact]
    public async Task What_was_refused_is_told_and_offered_again_after_the_next_start()
    {
        var refused = true;
        _governance.TakesSums = true;
        _governance.OnBatch = batch => refused && batch.Records.Any(r => r.Model.StartsWith("bad", StringComparison.Ordinal)) ? HttpStatusCode.BadRequest : HttpStatusCode.OK;
        var journal = OpenJournal();
        foreach (var model in (string[])["bad1", "good", "bad2"])
        {
            JournalFixture.Append(journal, JournalFixture.Entry(model));
        }

        var (_, uploader) = await StartAsync(journal);
        await JournalFixture.Until(() => journal.BacklogRecords == 0, "all are delivered or set aside");
        JournalFixture.Append(journal, JournalFixture.Entry("next"));
        await JournalFixture.Until(() => journal.BacklogRecords == 0, "the next one is delivered");
        Assert.Equal(2, _governance.Refused);
        await uploader.StopAsync(TestContext.Current.CancellationToken);
        journal.Dispose();

        refused = false;
        var (again, _) = await StartAsync();
        JournalFixture.Append(again, JournalFixture.Entry("again"));
        await JournalFixture.Until(() => Directory.GetFiles(Path.Combine(_fixture.Folder, "rejected")).Length == 0, "what was set aside is taken");
        JournalFixture.Append(again, JournalFixture.Entry("last"));
        await JournalFixture.Until(() => again.BacklogRecords == 0 && _governance.Refused == 0, "the last one is delivered");

        Assert.Equal(["again", "bad1", "bad2", "good", "last", "next"], _governance.Ledger.Select(r => r.Model).Order(StringComparer.Ordinal));
        Assert.Equal(0, _governance.Duplicates);
    }

    [Fact]
    public async Task A_restart_goes_on_after_the_last_acknowledged_record()
    {
        var journal = OpenJournal();
        JournalFixture.Append(journal, JournalFixture.Entry("one"));
        var (_, uploader) = await StartAsync(journal);
        await JournalFixture.Until(() => journal.BacklogRecords == 0, "the first is delivered");
        await uploader.StopAsync(TestContext.Current.CancellationToken);
        JournalFixture.Append(journal, JournalFixture.Entry("two"));
        journal.Dispose();

        var (again, _) = await StartAsync();
        await JournalFixture.Until(() => again.BacklogRecords == 0, "the second is delivered");

        Assert.Equal(["one", "two"], _governance.Ledger.Select(r => r.Model).Order());
        Assert.Equal(0, _governance.Duplicates);
        await JournalFixture.Until(() => _fixture.Segments().Length <= 2, "the segment of the first run is gone");
    }

    [Fact]
    public async Task The_final_flush_delivers_what_is_left_and_is_bounded_when_governance_is_gone()
    {
        var journal = OpenJournal();
        JournalFixture.Append(journal, JournalFixture.Entry("left"));
        var uploader = Uploader(journal, new UploaderOptions { StopTimeout = TimeSpan.FromMilliseconds(500) });
        await uploader.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("left", _governance.Ledger.Single().Model);

        await _governance.StopAsync();
        JournalFixture.Append(journal, JournalFixture.Entry("stays"));
        await uploader.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, journal.BacklogRecords);
    }

    private static string Json(UsageRecord record) => JsonSerializer.Serialize(record, ContractsJson.Default.UsageRecord);

    private UsageJournal OpenJournal()
    {
        var journal = _fixture.Open();
        _disposables.Add(journal);
        return journal;
    }

    private UsageUploader Uploader(UsageJournal journal, UploaderOptions? options)
    {
        var client = _governance.Client();
        var uploader = new UsageUploader(
            journal,
            new JournalOptions { Directory = _fixture.Folder },
            client,
            _contact,
            options ?? new UploaderOptions { FirstRetry = TimeSpan.FromMilliseconds(10), LongestRetry = TimeSpan.FromMilliseconds(50) },
            TimeProvider.System,
            NullLogger<UsageUploader>.Instance);
        _disposables.Add(client);
        _disposables.Add(uploader);
        return uploader;
    }

    private async Task<(UsageJournal Journal, UsageUploader Uploader)> StartAsync(UsageJournal? journal = null, UploaderOptions? options = null)
    {
        journal ??= OpenJournal();
        var uploader = Uploader(journal, options);
        await uploader.StartAsync(TestContext.Current.CancellationToken);
        return (journal, uploader);
    }
}
