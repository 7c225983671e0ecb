using System.Net;
using System.Net.Http.Headers;
using Gateway.Contracts;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.InternalAuth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.ServiceDefaults.Tests;

public sealed class DiscoveryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("services:governance:http:0")]
    [InlineData("GOVERNANCE_HTTP")]
    [InlineData("Services:Governance:HTTP:0")]
    public async Task A_service_is_found_by_either_variable_and_called_with_the_token(string key)
    {
        await using var governance = await TestService.StartAsync(
            new() { [WireNames.InternalTokenKey] = "secret-of-the-test" },
            map: app => app.MapGet("/internal/hello", (HttpContext c) => $"hello {c.Request.QueryString}").RequireInternalToken());
        await using var edge = await TestService.StartAsync(
            new() { [key] = governance.Client.BaseAddress!.ToString(), [WireNames.InternalTokenKey] = "secret-of-the-test" },
            b => b.Services.AddServiceHttpClient(WireNames.Governance));

        var answer = await edge.App.Services.GetRequiredService<IServiceClients>().Get(WireNames.Governance)
            .GetStringAsync("/internal/hello?a=%20b", Cancel);

        Assert.Equal("hello ?a=%20b", answer);
    }

    [Fact]
    public async Task The_first_form_wins_and_a_value_that_is_no_address_is_passed_over()
    {
        await using var service = await TestService.StartAsync(new()
        {
            ["services:a:http:0"] = "http://first:1",
            ["A_HTTP"] = "http://second:2",
            ["services:b:http:0"] = "not an address",
            ["B_HTTP"] = "http://second:2/base",
        });
        var addresses = service.App.Services.GetRequiredService<IServiceAddresses>();

        Assert.True(addresses.TryResolve("a", out var a));
        Assert.Equal("http://first:1/", a.AbsoluteUri);
        Assert.True(addresses.TryResolve("B", out var b));
        Assert.Equal("http://second:2/base", b.AbsoluteUri);
        Assert.False(addresses.TryResolve("c", out _));
    }

    [Fact]
    public async Task The_token_goes_to_the_service_and_to_nobody_else()
    {
        await using var other = await TestService.StartAsync(
            map: app => app.MapGet("/", (HttpContext c) => c.Request.Headers.ContainsKey(WireNames.InternalTokenHeader) ? "leaked" : "clean"));
        await using var edge = await TestService.StartAsync(
            new() { [WireNames.InternalTokenKey] = "secret-of-the-test" },
            b => b.Services.AddServiceHttpClient(WireNames.Governance));

        var client = edge.App.Services.GetRequiredService<IServiceClients>().Get(WireNames.Governance);

        Assert.Equal("clean", await client.GetStringAsync(other.Client.BaseAddress, Cancel));
    }

    [Fact]
    public async Task A_client_that_was_not_registered_is_told_by_naming_the_call_to_add()
    {
        await using var edge = await TestService.StartAsync(build: b => b.Services.AddServiceHttpClient(WireNames.Governance));

        var error = Assert.Throws<InvalidOperationException>(() => edge.App.Services.GetRequiredService<IServiceClients>().Get("mcphub"));

        Assert.Contains("AddServiceHttpClient(\"mcphub\")", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("", HttpStatusCode.Unauthorized)]
    [InlineData("secret-of-the-tesT", HttpStatusCode.Unauthorized)]
    [InlineData("secret-of-the-test", HttpStatusCode.OK)]
    public async Task A_group_behind_the_token_refuses_all_else_before_it_reads_the_body(string? token, HttpStatusCode expected)
    {
        await using var service = await TestService.StartAsync(
            new() { [WireNames.InternalTokenKey] = "secret-of-the-test" },
            map: app =>
            {
                var group = app.MapGroup("/internal").RequireInternalToken();
                group.MapPost("/delegate", (RequestDelegate)(c => c.Response.WriteAsync("in")));
                group.MapPost("/handler", () => "in");
            });

        foreach (var path in (string[])["/internal/delegate", "/internal/handler"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{broken") };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (token is not null)
            {
                request.Headers.Add(WireNames.InternalTokenHeader, token);
            }

            using var response = await service.Client.SendAsync(request, Cancel);
            Assert.Equal(expected, response.StatusCode);
            if (expected == HttpStatusCode.Unauthorized)
            {
                Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
                Assert.Contains("\"internal_token_required\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Without_a_configured_token_everybody_is_refused_and_the_log_names_the_key()
    {
        var log = new CollectedLog();
        await using var service = await TestService.StartAsync(
            build: b => b.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(log),
            map: app => app.MapGet("/internal/x", () => "in").RequireInternalToken());

        using var response = await service.Client.GetAsync("/internal/x", Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Single(log.Lines, l => l.Contains("Gateway__InternalToken", StringComparison.Ordinal));
    }
}
