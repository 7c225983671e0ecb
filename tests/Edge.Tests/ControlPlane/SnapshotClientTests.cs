using Gateway.Contracts.Configuration;
using Gateway.ControlPlane;
using Gateway.Edge.Tests.Journal;

namespace Gateway.Edge.Tests.ControlPlane;

public sealed class SnapshotClientTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "gateway-control-" + Guid.NewGuid().ToString("n"));
    private readonly List<(SnapshotClient Client, HttpClient Http, GovernanceContact Contact)> _clients = [];
    private readonly RecordingLogger<SnapshotClient> _log = new();
    private FakeGovernance _governance = null!;

    public async ValueTask InitializeAsync() => _governance = await FakeGovernance.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopClientsAsync();
        await _governance.DisposeAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_change_is_in_force_while_the_question_is_held_open()
    {
        _governance.Publish(new GatewaySnapshot { Version = 1 });
        var (sink, contact) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 1, "the first version is in force");
        await JournalFixture.Until(() => _governance.Polls.Any(p => p is { After: 1, Wait: 25, Source: "store-a" }), "the question is held open");

        var asked = _governance.Polls.Count;
        _governance.Publish(new GatewaySnapshot { Version = 2, Teams = [new TeamEntry { Id = "t", Name = "Team" }] });
        await JournalFixture.Until(() => sink.Version == 2, "the change is in force");

        Assert.Equal("Team", sink.Applied.Last().Teams.Single().Name);
        Assert.True(_governance.Polls.Count <= asked + 1, "no question but the held one was needed");
        Assert.True(contact.Connected);
        Assert.Null(contact.NotReadyReason);
        Assert.Equal(2, contact.Version);
        Assert.NotNull(contact.LastContact);
    }

    [Fact]
    public async Task Without_governance_it_starts_from_the_last_good_one_on_disk_and_then_follows_a_restart()
    {
        _governance.Publish(new GatewaySnapshot { Version = 5, Credentials = [new CredentialEntry { Id = "c", ProviderId = "p", Secret = "sk-1" }] });
        var (first, _) = await StartAsync();
        await JournalFixture.Until(() => first.Version == 5 && File.Exists(Path.Combine(_folder, SnapshotStore.FileName)), "version 5 is kept");
        await StopClientsAsync();
        await _governance.StopAsync();

        var (sink, contact) = await StartAsync();
        Assert.Equal("sk-1", sink.Applied.Single().Credentials.Single().Secret);
        Assert.Contains(_log.Lines, l => l.StartsWith("Started from the configuration on disk: version 5", StringComparison.Ordinal));
        Assert.Null(contact.NotReadyReason);
        Assert.False(contact.Connected);

        _governance.Publish(new GatewaySnapshot { Version = 6 });
        await _governance.RunAsync();
        await JournalFixture.Until(() => sink.Version == 6 && contact.Connected, "the new version is in force");
    }

    [Fact]
    public async Task A_change_is_kept_as_a_difference_and_is_there_after_a_restart_without_governance()
    {
        var whole = Path.Combine(_folder, SnapshotStore.FileName);
        var differences = Path.Combine(_folder, SnapshotStore.DifferencesFileName);
        _governance.Publish(new GatewaySnapshot { Version = 5, Teams = [new TeamEntry { Id = "t", Name = "Team" }] });
        var (first, _) = await StartAsync();
        await JournalFixture.Until(() => first.Version == 5 && File.Exists(whole), "version 5 is kept");
        var written = await File.ReadAllBytesAsync(whole, TestContext.Current.CancellationToken);
        _governance.Publish(new GatewaySnapshot { Version = 6, Teams = [new TeamEntry { Id = "t", Name = "Other" }, new TeamEntry { Id = "u", Name = "New" }] });
        await JournalFixture.Until(() => first.Version == 6, "version 6 is in force");
        await StopClientsAsync();
        await _governance.StopAsync();
        Assert.Equal(written, await File.ReadAllBytesAsync(whole, TestContext.Current.CancellationToken));
        var length = new FileInfo(differences).Length;

        var (second, _) = await StartAsync();
        Assert.Equal(["Other", "New"], second.Applied.Single().Teams.Select(t => t.Name));
        _governance.Publish(new GatewaySnapshot { Version = 7, Teams = [new TeamEntry { Id = "u", Name = "New" }] });
        await _governance.RunAsync();
        await JournalFixture.Until(() => second.Version == 7, "version 7 is in force");
        await StopClientsAsync();
        await _governance.StopAsync();
        Assert.True(new FileInfo(differences).Length > length);

        var (third, _) = await StartAsync();
        Assert.Equal((7, "New"), (third.Applied.Single().Version, third.Applied.Single().Teams.Single().Name));
    }

    [Fact]
    public async Task A_governance_that_dies_and_comes_back_is_followed()
    {
        _governance.Publish(new GatewaySnapshot { Version = 1 });
        var (sink, contact) = await StartAsync();
        await JournalFixture.Until(() => contact.Connected && sink.Version == 1, "it is connected");
        await _governance.StopAsync();
        await JournalFixture.Until(() => !contact.Connected, "the loss is noticed");
        Assert.Null(contact.NotReadyReason);

        await _governance.RunAsync();
        await JournalFixture.Until(() => contact.Connected, "it is connected again");
        _governance.Publish(new GatewaySnapshot { Version = 2 });
        await JournalFixture.Until(() => sink.Version == 2, "the change is in force");
        Assert.Equal([1, 2], sink.Applied.Select(s => s.Version));
    }

    [Fact]
    public async Task It_never_goes_back_within_one_source_and_does_when_the_store_is_another()
    {
        _governance.Publish(new GatewaySnapshot { Version = 9 });
        var (sink, contact) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 9, "version 9 is in force");

        await _governance.StopAsync();
        _governance.Publish(new GatewaySnapshot { Version = 3 });
        _governance.RawSnapshot = "{\"format\":1,\"version\":3}";
        await _governance.RunAsync();
        await JournalFixture.Until(() => _log.Lines.Any(l => l.Contains("older than 9", StringComparison.Ordinal)), "the older one is refused");
        await JournalFixture.Until(() => contact.Connected, "it is connected none the less");
        Assert.Equal(9, sink.Version);

        await _governance.StopAsync();
        await JournalFixture.Until(() => !contact.Connected, "the loss is noticed");
        _governance.RawSnapshot = null;
        _governance.Source = "store-b";
        await _governance.RunAsync();
        await JournalFixture.Until(() => sink.Version == 3, "the wiped governance is followed");
        _governance.Publish(new GatewaySnapshot { Version = 4 });
        await JournalFixture.Until(() => sink.Version == 4 && contact.Version == 4, "its changes are followed");
    }

    [Fact]
    public async Task A_store_that_changes_while_connected_is_noticed_by_its_answer()
    {
        _governance.Publish(new GatewaySnapshot { Version = 9 });
        var (sink, _) = await StartAsync(hold: TimeSpan.FromSeconds(1));
        await JournalFixture.Until(() => sink.Version == 9, "version 9 is in force");

        _governance.Publish(new GatewaySnapshot { Version = 2 });
        _governance.Source = "store-b";
        await JournalFixture.Until(() => sink.Version == 2, "the other store is followed");
    }

    [Fact]
    public async Task A_governance_that_names_no_source_is_followed()
    {
        _governance.Source = null;
        _governance.Publish(new GatewaySnapshot { Version = 1 });
        var (sink, _) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 1, "version 1 is in force");
        _governance.Publish(new GatewaySnapshot { Version = 2 });
        await JournalFixture.Until(() => sink.Version == 2, "version 2 is in force");
    }

    [Fact]
    public async Task What_cannot_be_used_is_refused_with_the_reason_and_without_its_secrets()
    {
        _governance.Publish(new GatewaySnapshot { Version = 1 });
        var (sink, contact) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 1, "version 1 is in force");
        await _governance.StopAsync();
        _governance.RawSnapshot = "{\"unheardOf\":[1],\"format\":2,\"version\":\"no number any more\"}";
        await _governance.RunAsync();
        await JournalFixture.Until(() => _log.Lines.Any(l => l.Contains("format 2 is of a later version", StringComparison.Ordinal)), "the reason is logged");

        await _governance.StopAsync();
        _governance.RawSnapshot = "{\"version\":\"sk-very-secret\"}";
        await _governance.RunAsync();
        await JournalFixture.Until(() => _log.Lines.Any(l => l.Contains("not a valid snapshot", StringComparison.Ordinal)) || !contact.Connected, "it is refused");

        _governance.RawSnapshot = null;
        _governance.Publish(new GatewaySnapshot { Version = 3 });
        await JournalFixture.Until(() => sink.Version == 3, "a good one is taken");
        Assert.Equal([1, 3], sink.Applied.Select(s => s.Version));
        Assert.DoesNotContain(_log.Lines, l => l.Contains("sk-very-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_was_tampered_with_is_ignored_with_a_clear_line()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, SnapshotStore.FileName), new string('x', 100), TestContext.Current.CancellationToken);
        await _governance.StopAsync();

        var (sink, contact) = await StartAsync();

        Assert.Empty(sink.Applied);
        Assert.Contains(_log.Lines, l => l.StartsWith("The configuration on disk is ignored: it is not a snapshot file", StringComparison.Ordinal));
        Assert.Contains("governance has not answered yet", contact.NotReadyReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_internal_token_is_said()
    {
        _governance.Publish(new GatewaySnapshot { Version = 1 });
        var (sink, _) = await StartAsync(token: "wrong");

        await JournalFixture.Until(() => _log.Lines.Any(l => l.Contains("refused the internal token (401)", StringComparison.Ordinal)), "the reason is logged");
        Assert.Empty(sink.Applied);
    }

    [Fact]
    public async Task Problems_of_a_snapshot_are_logged_and_it_stays_in_force()
    {
        _governance.Publish(new GatewaySnapshot { Version = 7 });
        var (sink, _) = await StartAsync(problems: ["route x names no deployment"]);

        await JournalFixture.Until(() => _log.Lines.Any(l => l == "Configuration version 7: route x names no deployment"), "the problem is logged");
        Assert.Equal(7, sink.Version);
    }

    [Fact]
    public async Task Changes_come_as_differences_also_over_a_gap_of_versions_and_keep_what_they_do_not_touch()
    {
        _governance.Publish(Keys(1, "a", "b"));
        var (sink, _) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 1, "version 1 is in force");
        _governance.Publish(Keys(5, "a", "c"));
        await JournalFixture.Until(() => sink.Version == 5, "version 5 is in force");
        _governance.Publish(Keys(9, "a", "c", "d"));
        await JournalFixture.Until(() => sink.Version == 9, "version 9 is in force");

        Assert.Equal([(1, 5), (5, 9)], _governance.Differences);
        Assert.Equal(["a", "c", "d"], sink.Applied.Last().Keys.Select(static k => k.Id));
        Assert.Same(sink.Applied.First().Keys[0], sink.Applied.Last().Keys[0]);
        Assert.Same(sink.Applied.First().Teams, sink.Applied.Last().Teams);
    }

    [Theory]
    [InlineData("digest", "other")]
    [InlineData("from", "formerly")]
    [InlineData("{", "[")]
    public async Task A_difference_that_does_not_fit_is_not_taken_and_the_whole_is_asked_for(string written, string instead)
    {
        _governance.Publish(Keys(1, "a"));
        var (sink, _) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 1, "version 1 is in force");
        _governance.OnDifference = json => System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(json).Replace(written, instead, StringComparison.Ordinal));
        _governance.Publish(Keys(2, "a", "b"));
        await JournalFixture.Until(() => sink.Version == 2, "version 2 is in force");

        Assert.Equal([1, 2], sink.Applied.Select(static s => s.Version));
        Assert.Equal([(1, 2)], _governance.Differences);
        Assert.Contains(_log.Lines, static l => l.StartsWith("A difference from configuration version 1 is not taken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_difference_that_cannot_be_built_leaves_what_was_in_force_and_the_next_good_one_is_taken()
    {
        _governance.Publish(Keys(1, "a"));
        var (sink, _) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 1, "version 1 is in force");
        sink.Check = static s => s.Version == 2 ? ["route x has no targets"] : [];
        _governance.Publish(Keys(2, "a", "b"));
        await JournalFixture.Until(() => _governance.Polls.Any(static p => p is { After: 2 }), "the whole was looked at and not taken either");
        Assert.Equal(1, sink.Version);

        _governance.Publish(Keys(3, "a", "b", "c"));
        await JournalFixture.Until(() => sink.Version == 3, "version 3 is in force");
        Assert.Equal([1, 3], sink.Applied.Select(static s => s.Version));
        Assert.Equal([(1, 2)], _governance.Differences);
    }

    [Fact]
    public async Task A_governance_that_forgot_what_it_gave_out_gives_the_whole_and_then_differences_again()
    {
        _governance.Publish(Keys(1, "a"));
        var (sink, _) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 1, "version 1 is in force");
        _governance.Forget();
        _governance.Publish(Keys(2, "a", "b"));
        await JournalFixture.Until(() => sink.Version == 2, "version 2 is in force");
        Assert.Empty(_governance.Differences);

        _governance.Publish(Keys(3, "b"));
        await JournalFixture.Until(() => sink.Version == 3, "version 3 is in force");
        Assert.Equal([(2, 3)], _governance.Differences);
    }

    [Fact]
    public async Task An_edge_that_starts_from_disk_goes_on_with_differences()
    {
        _governance.Publish(Keys(1, "a"));
        var (first, _) = await StartAsync();
        await JournalFixture.Until(() => first.Version == 1, "version 1 is in force");
        _governance.Publish(Keys(2, "a", "b"));
        await JournalFixture.Until(() => first.Version == 2, "version 2 is in force");
        await StopClientsAsync();
        await JournalFixture.Until(() => _governance.OpenPolls == 0, "it is noticed that the first client has gone");

        _governance.Publish(Keys(3, "a", "b", "c"));
        var (sink, _) = await StartAsync();
        await JournalFixture.Until(() => sink.Version == 3, "version 3 is in force");
        Assert.Equal([(1, 2), (2, 3)], _governance.Differences);
        Assert.Equal(["a", "b", "c"], sink.Applied.Last().Keys.Select(static k => k.Id));
    }

    private static GatewaySnapshot Keys(long version, params string[] ids) => new()
    {
        Version = version,
        Teams = [new TeamEntry { Id = "t", Name = "Team" }],
        Keys = [.. ids.Select(static id => new VirtualKeyEntry { Id = id, Name = id, Sha256 = new string(id[0], 64) })],
    };

    private async Task<(RecordingSink Sink, GovernanceContact Contact)> StartAsync(TimeSpan? hold = null, string? token = null, string[]? problems = null)
    {
        var http = _governance.Client();
        if (token is not null)
        {
            http.DefaultRequestHeaders.Remove(Contracts.WireNames.InternalTokenHeader);
            http.DefaultRequestHeaders.Add(Contracts.WireNames.InternalTokenHeader, token);
        }

        var sink = new RecordingSink { Problems = problems ?? [] };
        var contact = new GovernanceContact(TimeProvider.System);
        var client = new SnapshotClient(
            http,
            sink,
            new SnapshotStore(_folder, FakeGovernance.Token),
            contact,
            new SnapshotClientOptions { Hold = hold ?? TimeSpan.FromSeconds(25), LongestRetry = TimeSpan.FromMilliseconds(200) },
            TimeProvider.System,
            _log);
        _clients.Add((client, http, contact));
        await client.StartAsync(TestContext.Current.CancellationToken);
        return (sink, contact);
    }

    private async Task StopClientsAsync()
    {
        foreach (var (client, http, contact) in _clients)
        {
            await client.StopAsync(CancellationToken.None);
            client.Dispose();
            http.Dispose();
            contact.Dispose();
        }

        _clients.Clear();
    }
}
