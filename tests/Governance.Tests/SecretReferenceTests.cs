using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.CloudAuth.Aws;
using Gateway.Governance.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

public sealed class SecretReferenceOnSqliteTests() : SecretReferenceTests(null);

public sealed class SecretReferenceOnPostgresTests(PostgresServer server) : SecretReferenceTests(server);

public abstract class SecretReferenceTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task A_file_is_read_and_its_change_reaches_the_snapshot_and_its_loss_does_not()
    {
        var instance = await StartAsync();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(DataDirectory, "secrets")).FullName, "openai");
        await File.WriteAllTextAsync(file, "sk-first\n", Cancellation);
        await CredentialAsync(instance, new { kind = "file", path = "openai", refreshSeconds = 5 });
        var first = await SecretAsync(instance, s => s == "sk-first");

        await File.WriteAllTextAsync(file, "sk-second\n", Cancellation);
        await SecretAsync(instance, s => s == "sk-second", first);
        var check = await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials/c/resolve");
        Assert.Equal((true, "Found", "File", 9), (check["found"]!.GetValue<bool>(), check["outcome"]!.GetValue<string>(), check["kind"]!.GetValue<string>(), check["length"]!.GetValue<int>()));
        Assert.Equal(8, check["fingerprint"]!.GetValue<string>().Length);

        File.Delete(file);
        await FaultAsync(instance, "there is no such file");
        Assert.Equal("sk-second", (await SnapshotAsync(instance)).Credentials.Single().Secret);
        Assert.Equal("NotFound", (await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials/c/resolve"))["outcome"]!.GetValue<string>());
        foreach (var place in (string[])[instance.Log, await StoredTextAsync(instance), (await DoAsync(instance.Admin, HttpMethod.Get, "/api/credentials/c")).ToJsonString(), check.ToJsonString()])
        {
            Assert.DoesNotContain("sk-second", place, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Files_outside_of_the_folders_and_the_gateways_own_variables_are_refused()
    {
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["MY_KEY"] = "sk-env" });
        await CredentialAsync(instance, new { kind = "file", path = "../admin.key" });
        await FaultAsync(instance, "outside of the folders");
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c", new { secretRef = new { kind = "env", name = "MY_KEY", path = (string?)null } });
        await SecretAsync(instance, s => s == "sk-env");

        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c", new { secretRef = new { name = "Gateway__InternalToken" } });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["secretRef.name"], FieldsOf(problem));
        (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c", new { secret = "sk-both" });
        Assert.Equal(["secret"], FieldsOf(problem));
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c", new { secret = "sk-stored", secretRef = (object?)null });
        await SecretAsync(instance, s => s == "sk-stored");
    }

    [Fact]
    public async Task Vault_is_logged_in_at_again_when_its_token_is_refused_and_the_last_value_outlives_its_outage()
    {
        await using var cloud = await Cloud.StartAsync(Cancellation);
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["VAULT_SECRET_ID"] = "the-secret-id" });
        await CredentialAsync(instance, new
        {
            kind = "vault", address = cloud.Address, path = "team/openai", field = "key", @namespace = "ns", refreshSeconds = 5, login = new { method = "appRole", role = "r", env = "VAULT_SECRET_ID" },
        });
        await SecretAsync(instance, s => s == "sk-vault");

        (cloud.Token, cloud.Value) = ("token-2", "sk-vault-2");
        await SecretAsync(instance, s => s == "sk-vault-2");
        Assert.Equal(2, cloud.Logins);

        cloud.Status = 503;
        await FaultAsync(instance, "Vault answered 503");
        Assert.Equal("sk-vault-2", (await SnapshotAsync(instance)).Credentials.Single().Secret);
        (cloud.Status, cloud.Value) = (200, "sk-vault-3");
        await SecretAsync(instance, s => s == "sk-vault-3");
        Assert.DoesNotContain("the-secret-id", instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vault_is_logged_in_at_with_the_machines_kubernetes_token_as_it_is_at_that_time()
    {
        await using var cloud = await Cloud.StartAsync(Cancellation);
        var instance = await StartAsync();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(DataDirectory, "secrets")).FullName, "service-account");
        await File.WriteAllTextAsync(file, "jwt-1\n", Cancellation);
        await CredentialAsync(instance, new
        {
            kind = "vault", address = cloud.Address, path = "team/openai", field = "key", @namespace = "ns", refreshSeconds = 5, login = new { method = "kubernetes", mount = "k8s-eu", role = "gateway", file = "service-account" },
        });
        await SecretAsync(instance, s => s == "sk-vault");
        Assert.Equal(1, cloud.Logins);

        // Kubernetes writes the token anew, and Vault ends the one it gave: the next login is with what the file says then.
        await File.WriteAllTextAsync(file, "jwt-2\n", Cancellation);
        (cloud.Jwt, cloud.Token, cloud.Value) = ("jwt-2", "token-2", "sk-vault-2");
        await SecretAsync(instance, s => s == "sk-vault-2");
        Assert.Equal(2, cloud.Logins);

        cloud.Jwt = "jwt-3";
        cloud.Token = "token-3";
        await FaultAsync(instance, "the login at Vault was");
        Assert.Equal("sk-vault-2", (await SnapshotAsync(instance)).Credentials.Single().Secret);
        Assert.DoesNotContain("jwt-2", instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_vault_is_kept_for_four_fifths_of_its_life()
    {
        await using var cloud = await Cloud.StartAsync(Cancellation);
        using var http = new Gateway.CloudAuth.TokenHttp(Outbound.OutboundClients.Invoker(allowMetadata: false), Outbound.OutboundClients.Invoker(allowMetadata: true));
        var time = new ManualTime(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
        var context = new Gateway.CloudAuth.AuthContext(http, time, static _ => null);
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["VAULT_SECRET_ID"] = "the-secret-id" });
        var tokens = new Governance.Secrets.Stores.VaultTokens(
            context, instance.Services.GetRequiredService<Governance.Secrets.Stores.EnvironmentSecrets>(), instance.Services.GetRequiredService<Governance.Secrets.Stores.FileSecrets>());
        var reference = new Governance.Secrets.SecretReference
        {
            Kind = Governance.Secrets.SecretKind.Vault, Address = cloud.Address, Path = "team/openai", Field = "key", Namespace = "ns",
            Login = new Governance.Secrets.VaultLogin { Method = Governance.Secrets.VaultLoginMethod.AppRole, Role = "r", Env = "VAULT_SECRET_ID" },
        };

        var (first, _, wasFresh) = await tokens.GetAsync(reference, Cancellation);
        Assert.Equal(("token-1", true), (first, wasFresh));
        time.Now += TimeSpan.FromSeconds((3600 * 0.8) - 1);
        Assert.False((await tokens.GetAsync(reference, Cancellation)).IsFresh);
        time.Now += TimeSpan.FromSeconds(1);
        cloud.Token = "token-2";
        var (token, _, isFresh) = await tokens.GetAsync(reference, Cancellation);
        Assert.Equal(("token-2", true, 2), (token, isFresh, cloud.Logins));
    }

    [Fact]
    public async Task A_store_that_is_slow_holds_up_no_change_of_anything_else()
    {
        await using var cloud = await Cloud.StartAsync(Cancellation);
        cloud.Hold = new TaskCompletionSource();
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["VAULT_SECRET_ID"] = "the-secret-id" });
        await CredentialAsync(instance, new
        {
            kind = "vault", address = cloud.Address, path = "team/openai", field = "key", @namespace = "ns", refreshSeconds = 5, login = new { method = "appRole", role = "r", env = "VAULT_SECRET_ID" },
        });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "t" });

        var snapshot = await SnapshotAsync(instance);
        Assert.Equal(("t", 0), (snapshot.Teams.Single().Id, snapshot.Credentials.Count));

        // When the answer comes at last, it is news.
        cloud.Hold.SetResult();
        await SecretAsync(instance, s => s == "sk-vault", snapshot.Version);
    }

    [Fact]
    public async Task Secrets_manager_is_asked_with_a_signature_and_a_field_is_taken()
    {
        await using var cloud = await Cloud.StartAsync(Cancellation);
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["AWS_ACCESS_KEY_ID"] = "AKID", ["AWS_SECRET_ACCESS_KEY"] = Cloud.AwsSecret });
        await CredentialAsync(instance, new { kind = "awsSecretsManager", id = "prod/openai", field = "key", region = "eu-west-1", address = cloud.Address + "/" });
        await SecretAsync(instance, s => s == "sk-aws");

        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c", new { secretRef = new { id = "other" } });
        await FaultAsync(instance, "ResourceNotFoundException");
    }

    [Fact]
    public async Task Key_vault_is_read_with_the_machines_identity_and_only_named_hosts_see_its_token()
    {
        await using var cloud = await Cloud.StartAsync(Cancellation);
        var identity = new Dictionary<string, string?> { ["IDENTITY_ENDPOINT"] = cloud.Address + "/identity", ["IDENTITY_HEADER"] = "h", ["Gateway:Secrets:KeyVaultHosts"] = "127.0.0.1" };
        var instance = await StartAsync(settings: identity);
        await CredentialAsync(instance, new { kind = "azureKeyVault", address = cloud.Address, name = "openai", version = "v1" });
        await SecretAsync(instance, s => s == "sk-azure");

        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c", new { secretRef = new { address = "https://localhost.evil.test" } });
        await FaultAsync(instance, "Gateway:Secrets:KeyVaultHosts");
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/credentials/c", new { secretRef = new { kind = "vault", address = "http://169.254.169.254", path = "p", field = "f", name = (string?)null, version = (string?)null, login = new { env = "IDENTITY_HEADER" } } });
        await FaultAsync(instance, "link-local or metadata");
    }

    [Fact]
    public async Task References_travel_by_apply_and_secrets_never_do()
    {
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["MY_KEY"] = "sk-env" });
        await CredentialAsync(instance, new { kind = "env", name = "MY_KEY" });
        var document = new JsonObject
        {
            ["credentials"] = new JsonObject { ["c"] = new JsonObject { ["providerId"] = "p", ["secretRef"] = new JsonObject { ["kind"] = "Env", ["name"] = "MY_KEY" } } },
        };
        var applied = await DoAsync(instance.Admin, HttpMethod.Post, "/api/config/apply", document);
        Assert.Empty(applied["changes"]!.AsArray());
        Assert.DoesNotContain("sk-env", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit")).ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task CredentialAsync(Instance instance, object reference)
    {
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "https://p.test/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "c", providerId = "p", secretRef = reference });
    }

    private static async Task<long> SecretAsync(Instance instance, Predicate<string?> isIt, long after = 0)
    {
        while (true)
        {
            var snapshot = await SnapshotAsync(instance, after);
            if (isIt(snapshot.Credentials.SingleOrDefault(c => c.Id == "c")?.Secret))
            {
                return snapshot.Version;
            }

            after = snapshot.Version;
        }
    }

    private static Task FaultAsync(Instance instance, string part) => Eventually.TrueAsync(
        async () => (await DoAsync(instance.Admin, HttpMethod.Get, "/api/status"))["faults"]!.AsArray().Any(f => f!.GetValue<string>().Contains(part, StringComparison.Ordinal)));

    /// <summary>Vault, Secrets Manager, Key Vault and an identity endpoint, as far as reading goes.</summary>
    private sealed class Cloud(WebApplication app) : IAsyncDisposable
    {
        public const string AwsSecret = "aws-secret-key";

        public string Address => app.Urls.First();

        public string Token { get; set; } = "token-1";

        public string Value { get; set; } = "sk-vault";

        public int Status { get; set; } = 200;

        /// <summary>The service account's token that is good.</summary>
        public string Jwt { get; set; } = "jwt-1";

        /// <summary>What answers wait for; null: nothing.</summary>
        public TaskCompletionSource? Hold { get; set; }

        public int Logins { get; private set; }

        public static async Task<Cloud> StartAsync(CancellationToken cancellation)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var cloud = new Cloud(app);
            app.Run(cloud.AnswerAsync);
            await app.StartAsync(cancellation);
            return cloud;
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        private async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            if (Hold is { } hold)
            {
                await hold.Task.WaitAsync(context.RequestAborted);
            }

            var (status, answer) = (context.Request.Method + " " + context.Request.Path + context.Request.QueryString) switch
            {
                "POST /v1/auth/approle/login" => LogIn(body),
                "POST /v1/auth/k8s-eu/login" => Kubernetes(body),
                "GET /v1/secret/data/team/openai" => Vault(context.Request.Headers),
                "GET /identity?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net" => (200, """{"access_token":"azure-token","expires_in":"3600"}"""),
                "GET /secrets/openai/v1?api-version=7.4" => context.Request.Headers.Authorization == "Bearer azure-token" ? (200, """{"value":"sk-azure"}""") : (401, "{}"),
                "POST /" => Aws(context.Request, body),
                _ => (404, "{}"),
            };
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer, context.RequestAborted);
        }

        private (int Status, string Answer) LogIn(string body)
        {
            Logins++;
            return JsonNode.Parse(body)!["secret_id"]!.GetValue<string>() == "the-secret-id" && JsonNode.Parse(body)!["role_id"]!.GetValue<string>() == "r"
                ? (200, """{"auth":{"client_token":"TOKEN","lease_duration":3600,"renewable":true}}""".Replace("TOKEN", Token, StringComparison.Ordinal))
                : (400, "{}");
        }

        private (int Status, string Answer) Kubernetes(string body)
        {
            Logins++;
            return JsonNode.Parse(body)!["jwt"]!.GetValue<string>() == Jwt && JsonNode.Parse(body)!["role"]!.GetValue<string>() == "gateway"
                ? (200, """{"auth":{"client_token":"TOKEN","lease_duration":3600}}""".Replace("TOKEN", Token, StringComparison.Ordinal))
                : (403, "{}");
        }

        private (int Status, string Answer) Vault(IHeaderDictionary headers)
            => Status != 200 ? (Status, "{}")
                : headers["X-Vault-Token"] != Token || headers["X-Vault-Namespace"] != "ns" ? (403, """{"errors":["permission denied"]}""")
                : (200, """{"data":{"data":{"key":"VALUE"},"metadata":{"version":1}}}""".Replace("VALUE", Value, StringComparison.Ordinal));

        private static (int Status, string Answer) Aws(HttpRequest request, string body)
        {
            var at = DateTimeOffset.ParseExact(request.Headers["x-amz-date"].ToString(), "yyyyMMdd'T'HHmmss'Z'", null, System.Globalization.DateTimeStyles.AssumeUniversal);
            (string, string)[] headers = [("host", request.Host.Value!), ("x-amz-date", request.Headers["x-amz-date"].ToString()), ("content-type", request.ContentType!)];
            var expected = SigV4.Authorization("POST", "/", "", headers, Encoding.UTF8.GetBytes(body), new AwsKeys("AKID", AwsSecret, null), "eu-west-1", "secretsmanager", at);
            return request.Headers.Authorization != expected || request.Headers["X-Amz-Target"] != "secretsmanager.GetSecretValue" ? (403, """{"__type":"InvalidSignatureException"}""")
                : JsonNode.Parse(body)!["SecretId"]!.GetValue<string>() == "prod/openai" ? (200, """{"SecretString":"{\"key\":\"sk-aws\"}"}""")
                : (400, """{"__type":"ResourceNotFoundException"}""");
        }
    }
}
