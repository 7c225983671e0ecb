using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue.Tests;

public sealed class EnvironmentProvidersTests
{
    [Fact]
    public void Nothing_set_finds_nothing()
    {
        var found = EnvironmentProviders.Detect(_ => null);

        Assert.Empty(found.Providers);
        Assert.Empty(found.Credentials);
        Assert.Empty(found.Deployments);
        Assert.Empty(found.Routes);
        Assert.Empty(found.Warnings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void Empty_variables_are_ignored(string value) => Assert.Empty(Detect(("OPENAI_API_KEY", value)).Providers);

    [Theory]
    [InlineData("OPENAI_API_KEY", "openai", "gpt-4o-mini")]
    [InlineData("ANTHROPIC_API_KEY", "anthropic", "claude-sonnet-4-6")]
    [InlineData("GEMINI_API_KEY", "gemini", "gemini-2.5-pro")]
    [InlineData("GOOGLE_API_KEY", "gemini", "gemini-embedding-001")]
    [InlineData("GROQ_API_KEY", "groq", "openai/gpt-oss-20b")]
    public void A_key_variable_makes_provider_credential_deployments_and_routes(string variable, string id, string model)
    {
        var found = Detect((variable, " secret-value "));

        Assert.Equal(id, Assert.Single(found.Providers).Id);
        var credential = Assert.Single(found.Credentials);
        Assert.Equal($"{id}-env", credential.Id);
        Assert.Equal("secret-value", credential.Secret);
        var deployment = Assert.Single(found.Deployments, d => d.Id == $"{id}/{model}");
        Assert.Equal(model, deployment.Model);
        Assert.Equal($"{id}-env", deployment.CredentialId);
        Assert.Equal($"{id}/{model}", Assert.Single(Assert.Single(found.Routes, r => r.Name == model).Targets).DeploymentId);
        Assert.Equal("*", Assert.Single(found.Deployments, d => d.Id == $"{id}/*").Model);
        Assert.Equal($"{id}/*", Assert.Single(Assert.Single(found.Routes, r => r.Name == $"{id}/*").Targets).DeploymentId);
    }

    [Fact]
    public void Ids_and_names_are_unique_and_every_reference_resolves_even_with_every_variable_set()
    {
        var found = EnvironmentProviders.Detect(static name => name.EndsWith("_BASE", StringComparison.Ordinal) ? "http://localhost:9/v1/" : "x");

        Assert.True(found.Providers.Count > 60);
        AssertUnique(found.Providers.Select(p => p.Id));
        AssertUnique(found.Credentials.Select(c => c.Id));
        AssertUnique(found.Deployments.Select(d => d.Id));
        AssertUnique(found.Routes.Select(r => r.Name));
        var deployments = found.Deployments.Select(d => d.Id).ToHashSet();
        Assert.All(found.Routes, r => Assert.All(r.Targets, t => Assert.Contains(t.DeploymentId, deployments)));
        var providers = found.Providers.Select(p => p.Id).ToHashSet();
        Assert.All(found.Deployments, d => Assert.Contains(d.ProviderId, providers));
        Assert.Equal("http://localhost:9/v1", found.Providers.Single(p => p.Id == "hosted_vllm").BaseUrl);
        Assert.NotEmpty(found.Warnings);
    }

    [Fact]
    public void The_first_provider_of_the_table_wins_a_bare_name()
    {
        var found = Detect(("OPENAI_API_KEY", "x"), ("AIHUBMIX_API_KEY", "x"));

        var shared = found.Deployments.GroupBy(d => d.Model).Where(g => g.Key != "*" && g.Count() > 1).ToList();
        Assert.NotEmpty(shared);
        Assert.All(shared, g => Assert.Equal($"openai/{g.Key}", Route(found, g.Key)));
    }

    [Fact]
    public void A_name_in_another_detected_providers_namespace_is_left_to_it()
    {
        Assert.Equal("groq/openai/gpt-oss-20b", Route(Detect(("GROQ_API_KEY", "x")), "openai/gpt-oss-20b"));
        Assert.Null(Route(Detect(("GROQ_API_KEY", "x"), ("OPENAI_API_KEY", "x")), "openai/gpt-oss-20b"));
    }

    [Fact]
    public void What_cannot_be_called_is_no_deployment()
    {
        var ids = Detect(("OPENAI_API_KEY", "x"), ("TOGETHERAI_API_KEY", "x")).Deployments.Select(d => d.Id).ToList();

        Assert.DoesNotContain(ids, id => id.Contains("/ft:", StringComparison.Ordinal));
        Assert.DoesNotContain(ids, id => id.Contains("together-ai-", StringComparison.Ordinal));
        Assert.DoesNotContain("openai/container", ids);
        Assert.DoesNotContain("openai/dall-e-3", ids);
    }

    [Fact]
    public void What_a_server_on_this_machine_serves_is_not_guessed()
    {
        Assert.Empty(ProviderModels.Callable("ollama"));
        Assert.Equal("lm_studio/*", Assert.Single(Detect(("LM_STUDIO_API_KEY", "x")).Deployments).Id);
    }

    [Fact]
    public void A_provider_whose_address_is_not_known_is_told_of_without_its_key()
    {
        var found = Detect(("DATABRICKS_API_KEY", "do-not-show"), ("HOSTED_VLLM_API_BASE", "not an address do-not-show"));

        Assert.Empty(found.Providers);
        Assert.Equal(2, found.Warnings.Count);
        Assert.DoesNotContain("do-not-show", string.Join(' ', found.Warnings), StringComparison.Ordinal);
        Assert.Contains(found.Warnings, w => w.Contains("DATABRICKS_API_KEY", StringComparison.Ordinal));
        Assert.Contains(found.Warnings, w => w.Contains("HOSTED_VLLM_API_BASE", StringComparison.Ordinal));
    }

    [Fact]
    public void Merging_leaves_what_is_configured_alone()
    {
        var configured = new GatewaySnapshot
        {
            Version = 7,
            Providers = [new ProviderEntry { Id = "openai", BaseUrl = "https://proxy.example/v1" }],
            Routes = [new RouteEntry { Name = "claude-sonnet-4-6", Targets = [new RouteTarget { DeploymentId = "mine" }] }],
            Deployments = [new DeploymentEntry { Id = "mine", ProviderId = "openai", Model = "m" }],
        };

        var merged = Detect(("OPENAI_API_KEY", "x"), ("ANTHROPIC_API_KEY", "y")).MergeInto(configured);

        Assert.Equal(7, merged.Version);
        Assert.Equal("https://proxy.example/v1", merged.Providers.Single(p => p.Id == "openai").BaseUrl);
        Assert.DoesNotContain(merged.Credentials, c => c.ProviderId == "openai");
        Assert.DoesNotContain(merged.Routes, r => r.Name == "gpt-4o");
        Assert.Equal("mine", merged.Routes.Single(r => r.Name == "claude-sonnet-4-6").Targets[0].DeploymentId);
        Assert.Contains(merged.Routes, r => r.Name == "anthropic/*");
    }

    private static DetectedProviders Detect(params (string Name, string Value)[] variables)
        => EnvironmentProviders.Detect(name => variables.FirstOrDefault(v => v.Name == name).Value);

    private static string? Route(DetectedProviders found, string name) => found.Routes.FirstOrDefault(r => r.Name == name)?.Targets[0].DeploymentId;

    private static void AssertUnique(IEnumerable<string> values) => Assert.Empty(values.GroupBy(v => v).Where(g => g.Count() > 1).Select(g => g.Key));
}
