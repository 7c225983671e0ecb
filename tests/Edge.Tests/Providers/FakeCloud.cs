using System.Net;
using System.Text;
using Gateway.CloudAuth;

namespace Gateway.Edge.Tests.Providers;

/// <summary>Token endpoints and metadata services of all clouds, in memory: answers what the test says, and keeps what was asked.</summary>
internal sealed class FakeCloud : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private readonly List<(HttpMethod Method, string Address, string Body, string Headers)> _asked = [];

    public FakeCloud()
    {
        var invoker = new HttpMessageInvoker(this, disposeHandler: false);
        Http = new TokenHttp(invoker, invoker);
    }

    public TokenHttp Http { get; }

    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers a request; the default is 404.</summary>
    public Func<HttpRequestMessage, string, Task<(int Status, string Body)>> Answer { get; set; } = static (_, _) => Task.FromResult((404, ""));

    public AuthContext Context => new(Http, Time, name => Environment.GetValueOrDefault(name));

    public IReadOnlyList<(HttpMethod Method, string Address, string Body, string Headers)> Asked
    {
        get
        {
            lock (_gate)
            {
                return [.. _asked];
            }
        }
    }

    public void Always(string body, int status = 200) => Answer = (_, _) => Task.FromResult((status, body));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        lock (_gate)
        {
            _asked.Add((request.Method, request.RequestUri!.AbsoluteUri, body, request.Headers.ToString()));
        }

        var (status, answer) = await Answer(request, body);
        return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
    }
}
