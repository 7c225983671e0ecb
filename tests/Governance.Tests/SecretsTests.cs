using System.Text;
using Gateway.Governance.Credentials;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class SecretsOnSqliteTests() : SecretsTests(null);

public sealed class SecretsOnPostgresTests(PostgresServer server) : SecretsTests(server);

public abstract class SecretsTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string Secret = "sk-provider-secret-4711";
    private const string Replacement = "sk-replaced-secret-0815";

    [Fact]
    public async Task Provider_secrets_appear_in_the_snapshot_and_nowhere_else()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "https://p.test/v1" });
        var answers = new StringBuilder();
        answers.Append(await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "c", providerId = "p", secret = Secret }));
        answers.Append(await DoAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c", new { secret = Replacement }));

        foreach (var path in (string[])["credentials", "credentials/c", "providers", "providers/p", "deployments", "routes", "keys", "status", "settings", "usage", "usage/records", "openapi.json"])
        {
            answers.Append(await DoAsync(instance.Admin, HttpMethod.Get, $"/api/{path}"));
        }

        answers.Append((await SendAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "bad id", providerId = "p", secret = $"{Secret} \n" })).Body);
        Assert.Equal(Replacement, (await SnapshotAsync(instance)).Credentials.Single().Secret);
        foreach (var place in (string[])[answers.ToString(), instance.Log, await StoredTextAsync(instance)])
        {
            Assert.DoesNotContain(Secret, place, StringComparison.Ordinal);
            Assert.DoesNotContain(Replacement, place, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Replacement)), place, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Keys_are_stored_as_hashes_only()
    {
        var instance = await StartAsync("Development");
        var key = (await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { name = "k" }))["key"]!.GetValue<string>();
        var stored = await StoredTextAsync(instance);

        Assert.Contains(Keys.KeyMaterial.Hash(key), stored, StringComparison.Ordinal);
        Assert.DoesNotContain(key, stored, StringComparison.Ordinal);
        Assert.DoesNotContain(await File.ReadAllTextAsync(instance.AdminKeyFile, Cancellation), stored, StringComparison.Ordinal);
        Assert.DoesNotContain(await File.ReadAllTextAsync(instance.DevKeyFile, Cancellation), stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_whose_key_is_lost_is_left_out_and_told_and_the_rest_goes_on()
    {
        var first = await StartAsync();
        await DoAsync(first.Admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "https://p.test/v1" });
        await DoAsync(first.Admin, HttpMethod.Post, "/api/credentials", new { id = "c", providerId = "p", secret = Secret });
        await DoAsync(first.Admin, HttpMethod.Post, "/api/deployments", new { id = "d", providerId = "p", credentialId = "c", model = "m" });
        await DoAsync(first.Admin, HttpMethod.Post, "/api/routes", new { name = "r", targets = (object[])[new { deploymentId = "d" }, new { deploymentId = "demo" }] });
        await StopAsync(first);
        File.Delete(Path.Combine(DataDirectory, "governance", "keyring.json"));

        var second = await StartAsync();
        var snapshot = await SnapshotAsync(second);

        Assert.Empty(snapshot.Credentials);
        Assert.DoesNotContain(snapshot.Deployments, d => d.Id == "d");
        Assert.Equal("demo", snapshot.Routes.Single(r => r.Name == "r").Targets.Single().DeploymentId);
        Assert.Contains("credential 'c'", (await DoAsync(second.Admin, HttpMethod.Get, "/api/status"))["faults"]!.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);

        await DoAsync(second.Admin, HttpMethod.Patch, "/api/credentials/c", new { secret = Replacement });
        Assert.Equal(Replacement, (await SnapshotAsync(second, snapshot.Version)).Credentials.Single().Secret);
    }
}

public sealed class KeyRingTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"gw-ring-{Guid.NewGuid():n}", "keyring.json");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_opens_under_its_own_id_only()
    {
        var ring = await LoadAsync();
        var box = ring.Seal("c", "p", "secret");

        Assert.Equal("secret", ring.Open(box));
        Assert.Null(ring.Open(box with { Id = "other" }));
        Assert.Null(ring.Open(box with { Sealed = Convert.ToBase64String(new byte[40]) }));
        Assert.Null(ring.Open(box with { Sealed = "no base64!" }));
        Assert.Null(ring.Open(box with { KeyId = "other" }));
        Assert.NotEqual(box.Sealed, ring.Seal("c", "p", "secret").Sealed);
    }

    [Fact]
    public async Task After_a_rotation_old_secrets_still_open_and_new_ones_use_the_new_key()
    {
        var before = await LoadAsync();
        var old = before.Seal("c", "p", "secret");
        var file = System.Text.Json.JsonSerializer.Deserialize(await File.ReadAllTextAsync(_file, Cancellation), KeyRingJson.Default.KeyRingFile)!;
        var keys = new Dictionary<string, byte[]>(file.Keys) { ["next"] = new byte[32] };
        await File.WriteAllTextAsync(_file, System.Text.Json.JsonSerializer.Serialize(new KeyRingFile("next", keys), KeyRingJson.Default.KeyRingFile), Cancellation);

        var after = await LoadAsync();

        Assert.Equal("secret", after.Open(old));
        Assert.Equal("next", after.Seal("c", "p", "secret").KeyId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"current\":\"a\",\"keys\":{}}")]
    [InlineData("{\"current\":\"a\",\"keys\":{\"a\":\"c2hvcnQ=\"}}")]
    public async Task A_damaged_ring_stops_the_start_with_what_it_should_look_like(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        await File.WriteAllTextAsync(_file, content, Cancellation);

        var failure = await Assert.ThrowsAsync<StartupException>(LoadAsync);

        Assert.Contains(_file, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2hvcnQ=", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    private async Task<KeyRing> LoadAsync()
    {
        var ring = new KeyRing(new GovernanceOptions { DataDirectory = "/", KeyRingFile = _file });
        await ring.LoadAsync(Cancellation);
        return ring;
    }
}
