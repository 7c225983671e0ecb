using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Vault;
using Gateway.ServiceDefaults.InternalAuth;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Guardrails.Tests;

/// <summary>Pseudonyms of services that run policies themselves.</summary>
public sealed class PseudonymSessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_given_out_is_known_later_to_its_tenant_and_conversation_only()
    {
        var sessions = Sessions("hub");
        var (done, made) = await sessions.UseAsync("t", "c", static s => new ValueTask<string>(s.Pseudonym("email", "ada@example.org", realistic: false)), Cancel);
        Assert.True(done);
        Assert.Equal((true, "ada@example.org"), await sessions.UseAsync("t", "c", s => new ValueTask<string>(new PseudonymRestorer(s.Pseudonyms).Restore(made)), Cancel));
        Assert.Equal((true, made), await sessions.UseAsync("other", "c", s => new ValueTask<string>(new PseudonymRestorer(s.Pseudonyms).Restore(made)), Cancel));
        Assert.Equal((true, made), await sessions.UseAsync("t", "other", s => new ValueTask<string>(new PseudonymRestorer(s.Pseudonyms).Restore(made)), Cancel));
    }

    [Fact]
    public async Task At_once_nothing_gets_the_pseudonym_of_something_else()
    {
        var sessions = Sessions("hub");
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => sessions.UseAsync("t", "c", s => new ValueTask<string>(s.Pseudonym("email", $"{i}@example.org", realistic: false)), Cancel).AsTask(), Cancel)));
        Assert.All(made, static m => Assert.True(m.Done));
        Assert.Equal(4, made.Select(static m => m.Result).Distinct().Count());
    }

    private static PseudonymSessions Sessions(string purpose) => new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Gateway:InternalToken", "a-token-for-tests-of-sessions-0123456789-0123456789")]).Build())
        .AddSingleton<InternalToken>()
        .AddLogging()
        .AddPseudonymSessions(purpose)
        .BuildServiceProvider()
        .GetRequiredService<PseudonymSessions>();
}
