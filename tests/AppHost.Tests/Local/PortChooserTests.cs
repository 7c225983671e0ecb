using System.Net;
using System.Net.Sockets;
using Gateway.AppHost.Local.Model;

namespace Gateway.AppHost.Tests.Local;

public sealed class PortChooserTests
{
    private readonly HashSet<int> _taken = [];

    [Fact]
    public void The_standard_port_is_taken_without_a_word_when_it_is_free() =>
        Assert.Equal(new PortChoice(8080), Choose(null));

    [Fact]
    public void The_next_free_port_is_used_and_said_when_none_was_asked_for()
    {
        _taken.UnionWith([8080, 8081]);

        var choice = Choose(null);

        Assert.Equal(8082, choice.Port);
        Assert.Contains("8080 is taken", choice.Note, StringComparison.Ordinal);
        Assert.Contains("8082", choice.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_free_port_is_used_when_all_neighbours_are_taken()
    {
        _taken.UnionWith(Enumerable.Range(8080, 100));

        Assert.Equal(50000, Choose(null).Port);
    }

    [Fact]
    public void A_port_that_was_asked_for_and_is_taken_is_an_error()
    {
        _taken.Add(9000);

        var choice = Choose(9000);

        Assert.Equal(0, choice.Port);
        Assert.StartsWith("Port 9000 is taken", choice.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Port_zero_asks_for_any_free_one() => Assert.Equal(new PortChoice(50000), Choose(0));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::")]
    public void A_port_is_not_free_when_anything_listens_where_localhost_leads(string address)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 || !address.Contains(':', StringComparison.Ordinal), "no IPv6 here");
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.False(PortChooser.IsFree(port));
    }

    [Fact]
    public void Free_ports_are_all_different_and_free()
    {
        var ports = PortChooser.Free(8);

        Assert.Equal(8, ports.Distinct().Count());
        Assert.All(ports, port => Assert.True(PortChooser.IsFree(port)));
    }

    private PortChoice Choose(int? asked) => PortChooser.Choose(asked, 8080, port => !_taken.Contains(port), () => 50000);
}
