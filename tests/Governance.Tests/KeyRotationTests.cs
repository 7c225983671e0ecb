using System.Net;
using System.Text.Json.Nodes;
using Gateway.Governance.Alerts;
using Gateway.Governance.Credentials;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

public sealed class KeyRotationOnSqliteTests() : KeyRotationTests(null)
{
    protected override bool CanShare => false;
}

public sealed class KeyRotationOnPostgresTests(PostgresServer server) : KeyRotationTests(server)
{
    protected override bool CanShare => true;
}

public abstract class KeyRotationTests(PostgresServer? server) : GovernanceTests(server)
{
    protected abstract bool CanShare { get; }

    private string RingFile => Path.Combine(DataDirectory, "governance", "keyring.json");

    [Fact]
    public async Task A_rotation_seals_everything_anew_and_then_the_old_key_can_be_retired()
    {
        var instance = await StartAsync();
        await FillAsync(instance);
        var before = await DoAsync(instance.Admin, HttpMethod.Get, "/api/keyring");
        var old = before["current"]!.GetValue<string>();
        Assert.Equal("""{"channels":1,"credentials":3,"history":5,"idempotencyAnswers":1}""", before["keys"]![0]!["seals"]!.ToJsonString());
        Assert.NotNull(before["keys"]![0]!["madeAt"]);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(instance.Admin, HttpMethod.Delete, $"/api/keyring/{old}")).Status);

        var rotated = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keyring/rotate");
        var current = rotated["current"]!.GetValue<string>();
        await SettledAsync(instance);

        var after = await DoAsync(instance.Admin, HttpMethod.Get, "/api/keyring");
        Assert.NotEqual(old, current);
        Assert.Equal(before["keys"]![0]!["seals"]!.ToJsonString(), after["keys"]![0]!["seals"]!.ToJsonString());
        Assert.DoesNotContain((await File.ReadAllTextAsync(RingFile, Cancellation)).Split('"').Where(p => p.Length == 44).Select(p => p[..20]), after.ToJsonString().Contains);
        await DoAsync(instance.Admin, HttpMethod.Delete, $"/api/keyring/{old}");
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Delete, $"/api/keyring/{old}")).Status);
        Assert.DoesNotContain(old, await File.ReadAllTextAsync(RingFile, Cancellation), StringComparison.Ordinal);
        await StopAsync(instance);

        var next = await StartAsync();
        await AssertReadableAsync(next);
        var audit = (await DoAsync(next.Admin, HttpMethod.Get, "/api/audit")).ToJsonString();
        Assert.Contains("keyring.rotate", audit, StringComparison.Ordinal);
        Assert.Contains("keyring.retire", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_off_after_any_step_everything_can_be_read_and_the_rest_is_done_later()
    {
        var instance = await StartAsync();
        await FillAsync(instance);
        var rotation = new KeyRotation(
            instance.Services.GetRequiredService<KeyRing>(),
            instance.Services.GetRequiredService<Database>(),
            instance.Services.GetServices<ISealedThings>(),
            instance.Services.GetRequiredService<Audit.AuditLog>(),
            TimeProvider.System);

        // Nothing wakes the service: each step is one transaction, and the process could end after any.
        await rotation.AddKeyAsync(Cancellation);
        var steps = 0;
        do
        {
            await AssertAllOpenAsync(instance);
            steps++;
        }
        while (await rotation.StepAsync(Cancellation, most: 1) > 0);
        Assert.Equal(11, steps);

        // A second rotation is cut off in its middle, a third right after its key is made: the next start does what is left.
        await rotation.AddKeyAsync(Cancellation);
        await rotation.StepAsync(Cancellation, most: 2);
        await rotation.AddKeyAsync(Cancellation);
        await StopAsync(instance);

        var next = await StartAsync();
        await SettledAsync(next);
        await AssertReadableAsync(next);
        var ring = await DoAsync(next.Admin, HttpMethod.Get, "/api/keyring");
        Assert.Equal(4, ring["keys"]!.AsArray().Count);
        Assert.All(ring["keys"]!.AsArray().Skip(1), k => Assert.Empty(k!["seals"]!.AsObject()));
    }

    [Fact]
    public async Task Instances_that_share_the_file_take_up_each_others_keys()
    {
        Assert.SkipUnless(CanShare, "One SQLite file is for one instance.");
        var one = await StartAsync();
        var other = await StartAsync();
        await FillAsync(one);
        var old = (await DoAsync(one.Admin, HttpMethod.Get, "/api/keyring"))["current"]!.GetValue<string>();

        await DoAsync(one.Admin, HttpMethod.Post, "/api/keyring/rotate");
        await DoAsync(other.Admin, HttpMethod.Post, "/api/credentials", new { id = "late", providerId = "p", secret = "sk-late" });
        await SettledAsync(one);
        await DoAsync(other.Admin, HttpMethod.Delete, $"/api/keyring/{old}");

        foreach (var instance in (Instance[])[one, other])
        {
            await AssertAllOpenAsync(instance);
            await DoAsync(instance.Admin, HttpMethod.Get, "/api/credentials/late");
            Assert.Contains((await SnapshotAsync(instance)).Credentials, c => c.Secret == "sk-late");
        }
    }

    [Fact]
    public async Task What_a_lost_key_sealed_is_told_and_stays_as_it_is()
    {
        var first = await StartAsync();
        await FillAsync(first);
        await StopAsync(first);
        File.Delete(RingFile);

        var second = await StartAsync();
        await DoAsync(second.Admin, HttpMethod.Post, "/api/keyring/rotate");
        await SettledAsync(second);
        var ring = await DoAsync(second.Admin, HttpMethod.Get, "/api/keyring");

        Assert.Equal(3, ring["lost"]![0]!["seals"]!["credentials"]!.GetValue<int>());
        Assert.Contains("credential 'c1'", (await DoAsync(second.Admin, HttpMethod.Get, "/api/status"))["faults"]!.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollback_finds_nothing_to_change_in_what_was_only_sealed_anew()
    {
        var instance = await StartAsync();
        await FillAsync(instance);
        var version = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/status"))["snapshotVersion"]!.GetValue<long>();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keyring/rotate");
        await SettledAsync(instance);

        var state = instance.Services.GetRequiredService<ConfigStore>().Latest;
        var kinds = instance.Services.GetRequiredService<Api.ResourceRegistry>();
        foreach (var row in await instance.Services.GetRequiredService<Database>().ReadAsync(s => History.HistoryQueries.AtAsync(s, version), Cancellation))
        {
            if (EntrySeals.Kinds.Contains(row.Kind))
            {
                var kind = kinds.Find(row.Kind)!;
                Assert.Equal(kind.Find(state, row.Id)!.Body, kind.Restore(row.Body, row.Id, state).Body);
            }
        }
    }

    private static async Task FillAsync(Instance instance)
    {
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "https://p.test/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "c1", providerId = "p", secret = "sk-1-before" });
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c1", new { secret = "sk-1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "c2", providerId = "p", secret = "sk-2" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "c3", providerId = "p", type = "entra", secret = "sk-3", entra = new { tenantId = "t", clientId = "c" } });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "ch", name = "ch", url = "https://hooks.test/x", secret = "signing" });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/keys") { Content = new StringContent("""{"name":"k"}""", System.Text.Encoding.UTF8, "application/json"), Headers = { { "Idempotency-Key", "once" } } };
        using var answer = await instance.Admin.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static async Task AssertReadableAsync(Instance instance)
    {
        await AssertAllOpenAsync(instance);
        Assert.Equal(["sk-1", "sk-2", "sk-3"], (await SnapshotAsync(instance)).Credentials.Where(c => c.ProviderId == "p").Select(c => c.Secret));
        var channel = instance.Services.GetRequiredService<ConfigStore>().Latest.AlertChannels["ch"].Value;
        Assert.Equal("signing", instance.Services.GetRequiredService<AlertChannelResource>().Open(channel));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/keys") { Content = new StringContent("""{"name":"k"}""", System.Text.Encoding.UTF8, "application/json"), Headers = { { "Idempotency-Key", "once" } } };
        using var answer = await instance.Admin.SendAsync(request, Cancellation);
        Assert.True(answer.Headers.Contains("Idempotency-Replayed"));
        Assert.NotNull(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["key"]);
    }

    // With the keys of the file only, as another process would see it.
    private static async Task AssertAllOpenAsync(Instance instance)
    {
        var ring = new KeyRing(instance.Services.GetRequiredService<GovernanceOptions>());
        await ring.LoadAsync(Cancellation);
        var bodies = await instance.Services.GetRequiredService<Database>().ReadAsync(
            s => s.QueryAsync<(string Kind, string Body)>("SELECT kind, body FROM config_entries WHERE deleted = 0 UNION ALL SELECT kind, body FROM config_history WHERE deleted = 0"), Cancellation);
        var seals = new EntrySeals(await WithNewKeyAsync(instance, ring));
        var opened = bodies.Count(b => EntrySeals.KeyOf(b.Kind, b.Body) is not null && seals.Reseal(b.Kind, b.Body) is not null);
        Assert.Equal(bodies.Count(b => EntrySeals.KeyOf(b.Kind, b.Body) is not null), opened);
        Assert.True(opened >= 9);
    }

    // A copy of the ring in which another key seals: then everything has to open to be sealed anew.
    private static async Task<KeyRing> WithNewKeyAsync(Instance instance, KeyRing ring)
    {
        var copy = Path.Combine(instance.DataDirectory, $"copy-{Guid.NewGuid():n}.json");
        await File.WriteAllTextAsync(copy, ring.File.With("copy", new byte[32], DateTimeOffset.UnixEpoch).Write(), Cancellation);
        var other = new KeyRing(new GovernanceOptions { DataDirectory = "/", KeyRingFile = copy });
        await other.LoadAsync(Cancellation);
        return other;
    }

    private static async Task SettledAsync(Instance instance)
    {
        var rotation = instance.Services.GetRequiredService<KeyRotation>();
        var ring = instance.Services.GetRequiredService<KeyRing>();
        await Eventually.TrueAsync(async () => !(await rotation.CountAsync(Cancellation)).Keys.Any(k => k != ring.Current && ring.Knows(k)));
    }
}
