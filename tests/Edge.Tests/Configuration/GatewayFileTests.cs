using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration;

namespace Gateway.Edge.Tests.Configuration;

public sealed class GatewayFileTests
{
    [Fact]
    public void A_minimal_file_has_the_defaults_of_the_contracts()
    {
        var result = Files.Parse(Files.Minimal + "providers: {x: {baseUrl: 'http://localhost:1/v1'}}\nbudgets: {b: {limitUsd: 1}}\nroutes: {'r*': x/*}\n");

        Assert.Empty(result.Errors);
        var snapshot = result.Snapshot!;
        Assert.Equal(new GatewaySettings().ToString(), (snapshot.Settings with { BlockedTerms = new GatewaySettings().BlockedTerms }).ToString());
        var provider = snapshot.Providers.Single(p => p.Id == "x");
        Assert.Equal(new TimeoutEntry(), provider.Timeouts);
        Assert.Equal(new ProviderEntry { Id = "x", BaseUrl = "http://localhost:1/v1", Headers = provider.Headers }, provider);
        Assert.Equal(BudgetWindow.Month, snapshot.Budgets[0].Window);
        var route = snapshot.Routes.Single(r => r.Name == "r*");
        Assert.Equal((RouteStrategy.Priority, 3), (route.Strategy, route.MaxAttempts));
        Assert.Equal(new RouteTarget { DeploymentId = "x/*" }, route.Targets[0]);
        var key = snapshot.Keys[0];
        Assert.True(key.Enabled);
        Assert.Equal(new RateLimitEntry(), key.Limits);
        Assert.Null(result.Port);
        Assert.Null(result.DataDirectory);
    }

    [Fact]
    public void Prices_of_every_class_and_overrides_reach_the_snapshot()
    {
        var result = Files.Parse(Files.Minimal + """
            deployments:
              d:
                provider: demo
                model: m
                unpriced: assume
                price:
                  inputPerMillion: 1
                  outputPerMillion: 2
                  cacheWriteHourPerMillion: 3
                  imageOutputPerMillion: 4
                  perWebSearch: 0.01
                  perWebSearchHigh: 0.02
                  images: [{quality: hd, maxPixels: 1048576, perImage: 0.08}]
                  variants: [{tier: batch, inputPerMillion: 0.5}, {abovePromptTokens: 200000, outputPerMillion: 9}]
              free: {provider: demo, model: m, price: {free: true}}
            customers: {acme: }
            priceOverrides:
              discount: {customer: acme, versions: [{version: "7", from: 2026-12-01, until: 2027-12-01T00:00:00Z, factorBasisPoints: 8500}]}
              own: {deployment: d, provider: demo, model: "m*", enabled: false, versions: [{price: {inputPerMillion: 0.000000001, outputPerMillion: 2}}]}
            settings: {unpriced: assume, assumedPrice: openai/gpt-4o}

            """);

        Assert.Equal("", Files.Describe(result));
        var deployment = result.Snapshot!.Deployments.Single(static d => d.Id == "d");
        var price = deployment.Price!;
        Assert.Equal((UnpricedPolicy.Assume, 3_000_000_000L, 4_000_000_000L, 10_000_000L, 20_000_000L), (deployment.Unpriced, price.CacheWriteHourPerMillion, price.ImageOutputPerMillion, price.PerWebSearch, price.PerWebSearchHigh));
        Assert.Equal([new ImagePriceEntry { Quality = Contracts.Usage.ImageQuality.Hd, MaxPixels = 1_048_576, PerImage = 80_000_000 }], price.Images);
        Assert.Equal(
            [new PriceVariantEntry { Tier = Contracts.Usage.ServiceTier.Batch, InputPerMillion = 500_000_000 }, new PriceVariantEntry { AbovePromptTokens = 200_000, OutputPerMillion = 9_000_000_000 }],
            price.Variants);
        Assert.True(result.Snapshot.Deployments.Single(static d => d.Id == "free").Price!.Free);
        var (discount, own) = (result.Snapshot.PriceOverrides[0], result.Snapshot.PriceOverrides[1]);
        Assert.Equal(("acme", "7", 8_500, new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero)), (discount.CustomerId, discount.Versions[0].Version, discount.Versions[0].FactorBasisPoints, discount.Versions[0].From!.Value));
        Assert.Equal(("d", "demo", "m*", false, 1L), (own.DeploymentId, own.ProviderId, own.Model, own.Enabled, own.Versions[0].Price!.InputPerMillion));
        Assert.Equal((UnpricedPolicy.Assume, "openai/gpt-4o"), (result.Snapshot.Settings.Unpriced, result.Snapshot.Settings.AssumedPrice));
    }

    [Fact]
    public void Every_key_reaches_the_snapshot()
    {
        var result = Files.Parse(
            """
            version: 1
            autoProviders: false
            demo: false
            server: {port: 9000, dataDirectory: /tmp/x}
            providers:
              openai:
                apiKey: ${OPENAI}
                authHeader: x-key
                headers: {X-Org: "${ORG}", X-Plain: "$${literal}"}
                streamUsageOption: false
                allowLinkLocal: true
                models: [gpt-4o-mini, other]
                timeouts: {connectMs: 1, firstByteMs: 2, idleMs: 3, totalMs: 4}
            deployments:
              d1:
                provider: openai
                model: m1
                maxOutputTokens: 77
                price:
                  version: v9
                  inputPerMillion: 0.15
                  outputPerMillion: 0.600000001
                  cacheReadPerMillion: 0.075
                  cacheWritePerMillion: 0.2
                  reasoningPerMillion: 0.7
                  audioInputPerMillion: 10
                  audioOutputPerMillion: 20
                  perRequest: 0.005
            routes:
              smart:
                strategy: weighted
                maxAttempts: 5
                targets:
                  - {deployment: d1, weight: 9, priority: 1}
                  - openai/gpt-4o-mini
              short: d1
              listed: [d1, openai/other]
            teams:
              t: {name: Team, budgets: [b], limits: {requestsPerMinute: 1, tokensPerMinute: 2, concurrency: 3}}
            keys:
              k:
                name: Key
                value: ${KEY}
                team: t
                enabled: false
                expiresAt: 2030-12-31T18:00:00+02:00
                allowedModels: [smart, "gpt-*"]
                allowedProviders: [openai]
                allowedIps: [10.1.2.3/8, 192.168.1.1, "::1"]
                requiredMetadata: [user]
                budgets: [b]
                limits: {requestsPerMinute: 4, tokensPerMinute: 5, concurrency: 6}
              h: {sha256: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}
            budgets:
              b: {name: B, limitUsd: 12.345678901, window: day}
            settings:
              maxRequestBytes: 2048
              maxJsonDepth: 9
              defaultOutputTokens: 10
              unpriced: allow
              blockedTerms: [secret plan]
              guardrailFailure: open
              cache: off
            """,
            ("OPENAI", "sk-1"), ("ORG", "acme"), ("KEY", "gw-0123456789abcdef"));

        Assert.Equal("", Files.Describe(result));
        Assert.Empty(result.Warnings);
        var s = result.Snapshot!;
        Assert.Equal((9000, "/tmp/x", false), (result.Port, result.DataDirectory, result.AutoProviders));
        var provider = Assert.Single(s.Providers);
        Assert.Equal(("https://api.openai.com/v1", "x-key", false, true), (provider.BaseUrl, provider.AuthHeader, provider.StreamUsageOption, provider.AllowLinkLocal));
        Assert.Equal("acme|${literal}", provider.Headers["X-Org"] + "|" + provider.Headers["X-Plain"]);
        Assert.Equal(new TimeoutEntry { ConnectMs = 1, FirstByteMs = 2, IdleMs = 3, TotalMs = 4 }, provider.Timeouts);
        var credential = Assert.Single(s.Credentials);
        Assert.Equal(("openai", "openai", "sk-1"), (credential.Id, credential.ProviderId, credential.Secret));
        Assert.Equal(["d1", "openai/gpt-4o-mini", "openai/other"], s.Deployments.Select(d => d.Id));
        Assert.All(s.Deployments, d => Assert.Equal("openai", d.CredentialId));
        Assert.Equal(16384, s.Deployments[1].MaxOutputTokens);
        Assert.Equal(77, s.Deployments[0].MaxOutputTokens);
        Assert.Equal(
            new PriceEntry
            {
                Version = "v9",
                InputPerMillion = 150_000_000,
                OutputPerMillion = 600_000_001,
                CacheReadPerMillion = 75_000_000,
                CacheWritePerMillion = 200_000_000,
                ReasoningPerMillion = 700_000_000,
                AudioInputPerMillion = 10_000_000_000,
                AudioOutputPerMillion = 20_000_000_000,
                PerRequest = 5_000_000,
            },
            s.Deployments[0].Price! with { Images = [], Variants = [] });
        Assert.Equal(["smart", "short", "listed", "gpt-4o-mini", "other"], s.Routes.Select(r => r.Name));
        Assert.Equal((RouteStrategy.Weighted, 5), (s.Routes[0].Strategy, s.Routes[0].MaxAttempts));
        Assert.Equal(
            [new RouteTarget { DeploymentId = "d1", Weight = 9, Priority = 1 }, new RouteTarget { DeploymentId = "openai/gpt-4o-mini" }], s.Routes[0].Targets);
        Assert.Equal(["d1", "openai/other"], s.Routes[2].Targets.Select(t => t.DeploymentId));
        Assert.Equal(new RateLimitEntry { RequestsPerMinute = 1, TokensPerMinute = 2, Concurrency = 3 }, s.Teams[0].Limits);
        Assert.Equal(["b"], s.Teams[0].BudgetIds);
        var key = s.Keys[0];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("gw-0123456789abcdef"))), key.Sha256);
        Assert.Equal(("Key", "t", false, new DateTimeOffset(2030, 12, 31, 16, 0, 0, TimeSpan.Zero)), (key.Name, key.TeamId, key.Enabled, key.ExpiresAt!.Value));
        Assert.Equal(["10.0.0.0/8", "192.168.1.1/32", "::1/128"], key.AllowedIps);
        Assert.Equal("smart gpt-* openai user b", string.Join(' ', [.. key.AllowedModels, .. key.AllowedProviders, .. key.RequiredMetadata, .. key.BudgetIds]));
        Assert.Equal(new RateLimitEntry { RequestsPerMinute = 4, TokensPerMinute = 5, Concurrency = 6 }, key.Limits);
        Assert.Equal(new string('a', 64), s.Keys[1].Sha256);
        Assert.Equal((12_345_678_901, BudgetWindow.Day), (s.Budgets[0].LimitNanoUsd, s.Budgets[0].Window));
        Assert.Equal((2048L, 9, 10), (s.Settings.MaxRequestBytes, s.Settings.MaxJsonDepth, s.Settings.DefaultOutputTokens));
        Assert.Equal((UnpricedPolicy.Allow, FailPolicy.Open, CacheMode.Off), (s.Settings.Unpriced, s.Settings.GuardrailFailure, s.Settings.Cache));
        Assert.Equal(["secret plan"], s.Settings.BlockedTerms);
    }

    [Fact]
    public void A_known_provider_brings_its_models_and_a_wildcard()
    {
        var snapshot = Files.Parse(Files.Minimal + "providers: {groq: {apiKey: x}}\n").Snapshot!;

        Assert.Equal("https://api.groq.com/openai/v1", snapshot.Providers[0].BaseUrl);
        Assert.Contains(snapshot.Deployments, d => d.Id == "groq/openai/gpt-oss-20b" && d.CredentialId == "groq");
        Assert.Contains(snapshot.Routes, r => r.Name == "openai/gpt-oss-20b");
        Assert.Contains(snapshot.Routes, r => r.Name == "groq/*");
    }

    [Fact]
    public void Demo_is_there_unless_switched_off()
    {
        var with = Files.Parse(Files.Minimal).Snapshot!;
        var without = Files.Parse(Files.Minimal + "demo: false\n");

        Assert.Equal(ProviderKind.Demo, with.Providers.Single(p => p.Id == "demo").Kind);
        Assert.Equal(("demo", "demo", "demo"), (with.Deployments[0].Id, with.Deployments[0].ProviderId, with.Deployments[0].Model));
        Assert.Equal("demo", with.Routes[0].Name);
        Assert.Empty(without.Snapshot!.Routes);
        Assert.Contains(without.Warnings, w => w.Message.Contains("No model can be called", StringComparison.Ordinal));
    }

    [Fact]
    public void Providers_of_the_environment_join_and_the_file_wins()
    {
        const string yaml = """
            version: 1
            keys: {k: {value: gw-0123456789abcdef}}
            routes: {gpt-4o: [anthropic/claude-sonnet-4-6, openai/gpt-4o]}
            providers: {anthropic: {apiKey: from-file}}
            deployments: {extra: {provider: openai, model: gpt-x}}
            """;
        var result = Files.Parse(yaml, ("OPENAI_API_KEY", "o"), ("ANTHROPIC_API_KEY", "a"));

        Assert.Equal("", Files.Describe(result));
        var s = result.Snapshot!;
        Assert.Equal("anthropic=from-file openai-env=o", string.Join(' ', s.Credentials.Select(c => $"{c.Id}={c.Secret}")));
        Assert.Equal("anthropic/claude-sonnet-4-6", s.Routes.Single(r => r.Name == "gpt-4o").Targets[0].DeploymentId);
        Assert.Equal("openai-env", s.Deployments.Single(d => d.Id == "extra").CredentialId);
        Assert.DoesNotContain(Files.Parse(yaml.Replace("version: 1", "version: 1\nautoProviders: false", StringComparison.Ordinal), ("OPENAI_API_KEY", "o")).Errors, e => e.Line == 0);
    }

    [Fact]
    public void A_name_in_another_providers_namespace_is_left_to_it()
    {
        var s = Files.Parse("version: 1\nkeys: {k: {value: gw-0123456789abcdef}}\nproviders: {groq: {apiKey: x}}\n", ("OPENAI_API_KEY", "o")).Snapshot!;

        Assert.DoesNotContain(s.Routes, r => r.Name == "openai/gpt-oss-20b");
        Assert.Contains(s.Routes, r => r.Name == "openai/*");
    }

    [Fact]
    public void A_secret_file_is_read_relative_to_the_configuration_and_remembered()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-config-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "secret"), "sk-from-file\n");
            var path = Path.Combine(folder.FullName, "gateway.yaml");
            File.WriteAllText(path, Files.Minimal + "providers: {openai: {apiKey: '${file:secret}'}}\n");

            var result = GatewayFile.Load(path);

            Assert.Equal("sk-from-file", result.Snapshot!.Credentials.Single(c => c.Id == "openai").Secret);
            Assert.Equal([Path.Combine(folder.FullName, "secret")], result.ReferencedFiles);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_example_file_loads_and_warns_of_its_public_key()
    {
        var result = GatewayFile.Load(SourceTree.PathOf("docs/gateway.example.yaml"), new GatewayFileOptions { GetEnvironmentVariable = _ => null });

        Assert.Equal("", Files.Describe(result));
        Assert.Contains("everybody knows it", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
        var s = result.Snapshot!;
        Assert.Equal(["assistant", "demo"], s.Routes.Select(r => r.Name));
        Assert.Equal(50_000_000_000, Assert.Single(s.Budgets).LimitNanoUsd);
        Assert.Equal("everyone", Assert.Single(s.Keys).TeamId);
        Assert.Equal(600, s.Keys[0].Limits.RequestsPerMinute);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_that_says_so()
        => Assert.Contains("does not exist", Assert.Single(GatewayFile.Load("/nonexistent/gateway.yaml").Errors).Message, StringComparison.Ordinal);
}
