using System.Net;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Prices;
using Gateway.Edge.Providers;
using Gateway.Edge.Providers.Auth;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;
using Microsoft.AspNetCore.Http;

namespace Gateway.Edge.Tests.Providers;

/// <summary>A request as it left for a provider.</summary>
internal sealed record SentRequest(string Method, string Address, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>Sends requests the way the pipeline does, to a provider that only keeps them.</summary>
internal sealed class AdapterHarness : HttpMessageHandler
{
    private readonly FakeCloud _cloud = new();
    private SentRequest? _sent;

    public FakeCloud Cloud => _cloud;

    public DefaultHttpContext Caller { get; } = new();

    public DeploymentRuntime Deploy(ProviderEntry entry, CredentialEntry? credential, string model)
    {
        var filled = ProviderDefaults.Fill(entry, credential is null ? [] : [credential], _cloud.Context.Environment);
        Assert.Null(ProviderDefaults.Problem(filled));
        var provider = new ProviderRuntime(filled, new HttpMessageInvoker(this, disposeHandler: false));
        var deployment = new DeploymentEntry { Id = "d", ProviderId = entry.Id, Model = model };
        return new DeploymentRuntime(deployment, provider, new UpstreamAuths(_cloud.Context).Get(filled, credential), credential?.Secret ?? "", new ModelPricing(deployment));
    }

    public async Task<SentRequest> SendAsync(DeploymentRuntime deployment, UpstreamTarget target, string body)
    {
        using var deadline = CallDeadline.Start(30_000, TimeProvider.System, TestContext.Current.CancellationToken, CancellationToken.None);
        using var response = await UpstreamCall.SendAsync(Caller, deployment, target, Encoding.UTF8.GetBytes(body), deadline);
        return _sent!;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = request.Headers.Concat(request.Content!.Headers).ToDictionary(static h => h.Key.ToLowerInvariant(), static h => string.Join(",", h.Value));
        _sent = new SentRequest(request.Method.Method, request.RequestUri!.AbsoluteUri, headers, await request.Content.ReadAsStringAsync(cancellationToken));
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") };
    }

    protected override void Dispose(bool disposing)
    {
        _cloud.Dispose();
        base.Dispose(disposing);
    }
}
