using System.Net;
using Gateway.ServiceDefaults.Outbound;

namespace Gateway.ServiceDefaults.Tests;

public sealed class OutboundGuardTests
{
    [Theory]
    [InlineData("169.254.169.254", true, true)]
    [InlineData("::ffff:169.254.169.254", true, true)]
    [InlineData("169.254.170.2", true, true)]
    [InlineData("100.100.100.200", true, true)]
    [InlineData("192.0.0.192", true, true)]
    [InlineData("fd00:ec2::254", true, true)]
    [InlineData("0.0.0.0", true, true)]
    [InlineData("0.1.2.3", true, true)]
    [InlineData("169.254.1.1", true, false)]
    [InlineData("fe80::1", true, false)]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("10.1.2.3", false, false)]
    [InlineData("::1", false, false)]
    [InlineData("8.8.8.8", false, false)]
    public void Link_local_and_metadata_addresses_are_told_from_others(string address, bool ordinary, bool linkLocal)
    {
        var parsed = IPAddress.Parse(address);
        Assert.Equal(ordinary, OutboundGuard.IsForbidden(parsed, AllowedAddresses.Ordinary));
        Assert.Equal(linkLocal, OutboundGuard.IsForbidden(parsed, AllowedAddresses.LinkLocal));
        Assert.False(OutboundGuard.IsForbidden(parsed, AllowedAddresses.Any));
    }

    [Theory]
    [InlineData("[fe80::1]")]
    [InlineData("169.254.169.254")]
    [InlineData("0.0.0.0")]
    public async Task A_host_without_an_address_that_may_be_called_is_refused_by_name(string host)
    {
        var fault = await Assert.ThrowsAsync<ForbiddenAddressException>(() => new OutboundGuard(AllowedAddresses.Ordinary).ResolveAsync(host, TestContext.Current.CancellationToken));
        Assert.Contains(host, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_connects_to_what_may_be_called_and_to_nothing_else()
    {
        await using var service = await TestService.StartAsync();
        using var allowed = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ConnectCallback = new OutboundGuard(AllowedAddresses.Ordinary).ConnectAsync });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(service.Client.BaseAddress!, "/health/live"));
        using var answer = await allowed.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        using var metadata = new HttpRequestMessage(HttpMethod.Get, "http://100.100.100.200/");
        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => allowed.SendAsync(metadata, TestContext.Current.CancellationToken));
        Assert.IsType<ForbiddenAddressException>(fault.InnerException);
    }
}
