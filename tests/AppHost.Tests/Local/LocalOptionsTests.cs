using Gateway.AppHost.Local.Hosting;

namespace Gateway.AppHost.Tests.Local;

public sealed class LocalOptionsTests
{
    [Fact]
    public void Nothing_asked_for_means_no_port_the_standard_folder_and_development()
    {
        var options = Parse([], []);

        Assert.Null(options.Error);
        Assert.Null(options.Port);
        Assert.Equal(Path.GetFullPath(".gateway"), options.DataDirectory);
        Assert.Equal("Development", options.EnvironmentName);
        Assert.True(options.UseStores);
        Assert.False(options.Verbose);
    }

    [Fact]
    public void The_environment_is_read_and_the_command_line_wins_over_it()
    {
        Dictionary<string, string> environment = new()
        {
            ["Gateway__Port"] = "9001",
            ["Gateway__DataDirectory"] = "/some/where",
            ["Gateway__Verbose"] = "true",
            ["DOTNET_ENVIRONMENT"] = "Staging",
        };

        var fromEnvironment = Parse([], environment);
        var fromArguments = Parse(["--port", "9002", "--data=/else/where", "--environment", "Production"], environment);

        Assert.Equal((9001, Path.GetFullPath("/some/where"), true, "Staging"), (fromEnvironment.Port, fromEnvironment.DataDirectory, fromEnvironment.Verbose, fromEnvironment.EnvironmentName));
        Assert.Equal((9002, Path.GetFullPath("/else/where"), "Production"), (fromArguments.Port, fromArguments.DataDirectory, fromArguments.EnvironmentName));
    }

    [Theory]
    [InlineData("--port", "http", "--port is 'http'")]
    [InlineData("--port", "65536", "--port is '65536'")]
    [InlineData("--port", null, "--port needs a value")]
    [InlineData("--prot", "1", "'--prot' is not an option")]
    public void A_mistake_on_the_command_line_is_named(string name, string? value, string expected) =>
        Assert.StartsWith(expected, Parse(value is null ? [name] : [name, value], []).Error, StringComparison.Ordinal);

    [Fact]
    public void A_mistake_in_the_environment_is_named_and_does_not_hide_the_help()
    {
        Assert.StartsWith("Gateway__Port is 'x'", Parse([], new() { ["Gateway__Port"] = "x" }).Error, StringComparison.Ordinal);
        Assert.StartsWith("Gateway__Verbose is 'maybe'", Parse([], new() { ["Gateway__Verbose"] = "maybe" }).Error, StringComparison.Ordinal);
        Assert.True(Parse(["--help"], new() { ["Gateway__Port"] = "x" }).Help);
    }

    private static LocalOptions Parse(string[] args, Dictionary<string, string> environment) =>
        LocalOptions.Parse(args, name => environment.GetValueOrDefault(name));
}
