using System.Net;
using System.Text.RegularExpressions;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class BootstrapOnSqliteTests() : BootstrapTests(null);

public sealed class BootstrapOnPostgresTests(PostgresServer server) : BootstrapTests(server);

public abstract class BootstrapTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task The_first_start_writes_one_admin_key_for_its_owner_only_and_tells_it_nobody_else()
    {
        var instance = await StartAsync();

        var key = await File.ReadAllTextAsync(instance.AdminKeyFile, Cancellation);
        Assert.Matches(new Regex("^gwa-[A-Za-z0-9_-]{43}$"), key);
        AssertOwnerOnly(instance.AdminKeyFile);
        AssertOwnerOnly(Path.Combine(instance.DataDirectory, "governance", "keyring.json"));
        Assert.DoesNotContain(key, instance.Log, StringComparison.Ordinal);
        Assert.Contains(instance.AdminKeyFile, instance.Log, StringComparison.Ordinal);
        await DoAsync(instance.Admin, HttpMethod.Get, "/api/status");
    }

    [Fact]
    public async Task Outside_development_there_is_no_default_virtual_key()
    {
        var instance = await StartAsync();

        Assert.False(File.Exists(instance.DevKeyFile));
        Assert.Empty((await SnapshotAsync(instance)).Keys);
    }

    [Fact]
    public async Task In_development_there_is_a_default_virtual_key_that_survives_a_restart()
    {
        var first = await StartAsync("Development");
        var key = await File.ReadAllTextAsync(first.DevKeyFile, Cancellation);
        var hash = Assert.Single((await SnapshotAsync(first)).Keys).Sha256;
        await StopAsync(first);

        var second = await StartAsync("Development");

        Assert.Matches(new Regex("^gw-[A-Za-z0-9_-]{43}$"), key);
        AssertOwnerOnly(second.DevKeyFile);
        Assert.Equal(Keys.KeyMaterial.Hash(key), hash);
        Assert.Equal(hash, Assert.Single((await SnapshotAsync(second)).Keys).Sha256);
        Assert.Equal(key, await File.ReadAllTextAsync(second.DevKeyFile, Cancellation));
        Assert.DoesNotContain(key, first.Log + second.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_default_key_is_not_brought_back_by_a_restart()
    {
        var first = await StartAsync("Development");
        await DoAsync(first.Admin, HttpMethod.Delete, "/api/keys/dev");
        await StopAsync(first);

        var second = await StartAsync("Development");

        Assert.Empty((await SnapshotAsync(second)).Keys);
    }

    [Fact]
    public async Task Key_files_are_adopted_by_a_new_database()
    {
        var first = await StartAsync("Development");
        var (admin, dev) = (await File.ReadAllTextAsync(first.AdminKeyFile, Cancellation), await File.ReadAllTextAsync(first.DevKeyFile, Cancellation));
        await StopAsync(first);
        await ForgetStoreAsync();

        var second = await StartAsync("Development");

        Assert.Equal(admin, await File.ReadAllTextAsync(second.AdminKeyFile, Cancellation));
        await DoAsync(second.Admin, HttpMethod.Get, "/api/status");
        Assert.Equal(Keys.KeyMaterial.Hash(dev), Assert.Single((await SnapshotAsync(second)).Keys).Sha256);
    }

    [Fact]
    public async Task A_lost_key_file_is_told_once_and_a_reset_makes_a_new_key()
    {
        var first = await StartAsync();
        var lost = await File.ReadAllTextAsync(first.AdminKeyFile, Cancellation);
        await StopAsync(first);
        File.Delete(first.AdminKeyFile);

        var second = await StartAsync();
        Assert.Single(Regex.Matches(second.Log, "Gateway__ResetAdminKey=true"));
        Assert.False(File.Exists(second.AdminKeyFile));
        second.UseAdminKey(lost);
        await DoAsync(second.Admin, HttpMethod.Get, "/api/status");
        await StopAsync(second);

        var third = await StartAsync(settings: new Dictionary<string, string?> { ["Gateway:ResetAdminKey"] = "true" });
        Assert.NotEqual(lost, await File.ReadAllTextAsync(third.AdminKeyFile, Cancellation));
        await DoAsync(third.Admin, HttpMethod.Get, "/api/status");
        third.UseAdminKey(lost);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(third.Admin, HttpMethod.Get, "/api/status")).Status);
    }

    [Fact]
    public async Task Readiness_follows_the_store()
    {
        var instance = await StartAsync();
        using var ready = await instance.Anonymous.GetAsync("/health/ready", Cancellation);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("store", await ready.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static void AssertOwnerOnly(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }
}

public sealed class StartFailureTests : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"gw-gov-{Guid.NewGuid():n}");

    [Fact]
    public async Task While_postgres_cannot_be_reached_the_service_lives_but_is_not_ready()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var instance = await Instance.StartAsync(
            Path.Combine(_root, "data"), "Host=127.0.0.1;Port=1;Username=nobody;Password=very-secret;Database=none;Timeout=2", cancellation, waitUntilReady: false);

        using var live = await instance.Anonymous.GetAsync("/health/live", cancellation);
        using var ready = await instance.Anonymous.GetAsync("/health/ready", cancellation);
        using var api = await instance.Anonymous.GetAsync("/api/status", cancellation);

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, api.StatusCode);
        Assert.Equal("application/problem+json", api.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("very-secret", instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_illegal_setting_names_its_key_and_the_legal_values()
    {
        var failure = await Assert.ThrowsAsync<Storage.StartupException>(() => Instance.StartAsync(
            Path.Combine(_root, "data"), null, TestContext.Current.CancellationToken, settings: new Dictionary<string, string?> { ["Gateway:ResetAdminKey"] = "yes" }));

        Assert.Contains("Gateway:ResetAdminKey", failure.Message, StringComparison.Ordinal);
        Assert.Contains("true and false", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }
    }
}
