using Gateway.AppHost.Local.Model;

namespace Gateway.AppHost.Tests.Local;

public sealed class EnvironmentComposerTests
{
    private readonly ProjectResource _governance = new("governance", new Nowhere());
    private readonly ProjectResource _edge = new("edge", new Nowhere()) { IsExternal = true };
    private readonly RedisResource _redis = new("redis");
    private readonly PostgresDatabaseResource _database = new("gatewaydb", "gatewaydb", new PostgresServerResource("postgres"));
    private readonly Dictionary<string, string> _inherited = [];

    [Fact]
    public void A_referenced_service_is_found_by_both_variables_that_Aspire_injects()
    {
        _edge.References.Add(_governance);

        var variables = Compose(_edge);

        Assert.Equal("http://127.0.0.1:4001", variables["services__governance__http__0"]);
        Assert.Equal("http://127.0.0.1:4001", variables["GOVERNANCE_HTTP"]);
    }

    [Fact]
    public void A_service_gets_the_stores_it_references_and_no_others()
    {
        _governance.References.Add(_redis);

        var variables = Compose(_governance);

        Assert.Equal("127.0.0.1:6,password=p", variables["ConnectionStrings__redis"]);
        Assert.DoesNotContain("ConnectionStrings__gatewaydb", variables.Keys);
    }

    [Fact]
    public void An_embedded_store_leaves_no_connection_string()
    {
        _governance.References.Add(_database);

        Assert.DoesNotContain(Compose(_governance).Keys, name => name.StartsWith("ConnectionStrings__", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_gateway_gets_the_public_port_and_its_address_is_localhost()
    {
        _inherited["Gateway__Port"] = "4000";

        Assert.Equal("4000", Compose(_edge)["Gateway__Port"]);
        Assert.Equal("http://localhost:4000", Compose(_edge)["ASPNETCORE_URLS"]);
        Assert.Null(Compose(_governance)["Gateway__Port"]);
        Assert.Equal("http://127.0.0.1:4001", Compose(_governance)["ASPNETCORE_URLS"]);
    }

    [Fact]
    public void Settings_of_the_host_itself_do_not_reach_the_services()
    {
        var variables = Compose(_edge);

        Assert.All(["Gateway__Verbose", "Gateway__Target", "DOTNET_LAUNCH_PROFILE", "HTTP_PORTS"], name => Assert.Null(variables[name]));
    }

    [Fact]
    public void Parameters_are_resolved_and_literals_kept()
    {
        _edge.Environment["Gateway__InternalToken"] = new EnvironmentValue(null, new ParameterResource("internal-token", new GenerateParameterDefault()));
        _edge.Environment["Some"] = new EnvironmentValue("thing", null);

        var variables = Compose(_edge);

        Assert.Equal("the token", variables["Gateway__InternalToken"]);
        Assert.Equal("thing", variables["Some"]);
    }

    [Fact]
    public void Telemetry_carries_the_service_name_and_the_log_format_of_the_user_is_kept()
    {
        _inherited["Logging__Console__FormatterName"] = "json";

        var variables = Compose(_edge);

        Assert.Equal("edge", variables["OTEL_SERVICE_NAME"]);
        Assert.Equal("json", variables["Logging__Console__FormatterName"]);
        Assert.Equal(("Staging", "Staging"), (variables["ASPNETCORE_ENVIRONMENT"], variables["DOTNET_ENVIRONMENT"]));
    }

    private Dictionary<string, string?> Compose(ProjectResource service)
    {
        var topology = new Topology
        {
            EnvironmentName = "Staging",
            Addresses = new Dictionary<string, Uri> { ["edge"] = new("http://localhost:4000"), ["governance"] = new("http://127.0.0.1:4001") },
            ConnectionStrings = new Dictionary<string, IReadOnlyDictionary<string, string>>
            {
                ["redis"] = new Dictionary<string, string> { ["redis"] = "127.0.0.1:6,password=p" },
                ["gatewaydb"] = new Dictionary<string, string>(),
            },
            Parameters = new Dictionary<string, string> { ["internal-token"] = "the token" },
        };
        return EnvironmentComposer.Compose(service, topology, name => _inherited.GetValueOrDefault(name));
    }

    private sealed class Nowhere : IProjectMetadata
    {
        public string ProjectPath => string.Empty;

        public string TargetPath => string.Empty;
    }
}
