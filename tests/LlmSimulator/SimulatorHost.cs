using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;
using Gateway.LlmSimulator.Serving;

namespace Gateway.LlmSimulator;

/// <summary>A running simulator on a loopback port.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SimulatorOptions _options;
    private readonly ControlState _control;
    private readonly Ledger _ledger;
    private readonly Pacer _pacer;
    private readonly CancellationTokenSource _stopping;
    private int _disposed;

    private SimulatorHost(WebApplication app, SimulatorOptions options, ControlState control, Ledger ledger, Pacer pacer, CancellationTokenSource stopping)
    {
        _app = app;
        _options = options;
        _control = control;
        _ledger = ledger;
        _pacer = pacer;
        _stopping = stopping;
        RootUrl = app.Urls.Single();
        BaseUrl = RootUrl + "/v1";
    }

    /// <summary>The base address of the OpenAI API, with <c>/v1</c> and no slash at the end.</summary>
    public string BaseUrl { get; }

    /// <summary>The address without <c>/v1</c>, below which <c>/control</c> lies.</summary>
    public string RootUrl { get; }

    /// <summary>What answers are like from the next request on, unless scripted or set by the model name.</summary>
    public SimulatorBehaviour Defaults
    {
        get => _control.Defaults;
        set => _control.Defaults = value;
    }

    /// <summary>The last requests, oldest first, up to <see cref="SimulatorOptions.KeepReceived"/>.</summary>
    public IReadOnlyList<ReceivedRequest> Received => _ledger.Received();

    /// <summary>Counts since the start or the last <see cref="Reset"/>.</summary>
    public SimulatorStats Stats => _ledger.Stats();

    /// <summary>What all answers since the start or the last <see cref="Reset"/> cost.</summary>
    public SimulatorBill Bill => _ledger.Bill();

    /// <summary>Starts a simulator; it accepts requests when the task completes.</summary>
    /// <param name="options">How it starts; null takes the defaults.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SimulatorHost> StartAsync(SimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SimulatorOptions();
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = TimeSpan.FromSeconds(1));
        _ = builder.WebHost.UseSockets(s => s.UnsafePreferInlineScheduling = true);
        _ = builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        var app = builder.Build();
        var control = new ControlState(options.Behaviour);
        var ledger = new Ledger(options);
        var pacer = new Pacer();
        var stopping = new CancellationTokenSource();
        var server = new SimulatorServer(options, control, ledger, pacer, stopping.Token);
        _ = app.UseWebSockets();
        app.Run(server.HandleAsync);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            stopping.Dispose();
            throw;
        }

        return new SimulatorHost(app, options, control, ledger, pacer, stopping);
    }

    /// <summary>What a credential looks like in <see cref="Received"/> and in the statistics: <c>sha256:</c> and the first 16 hex digits.</summary>
    /// <param name="value">The header's whole value, such as <c>Bearer sk-…</c>.</param>
    public static string Redact(string value) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))[..16];

    /// <summary>Scripts the next answers; they come before the defaults, in the order they were scripted.</summary>
    /// <param name="knobs">A query of knobs on top of the defaults; empty for a good answer.</param>
    /// <param name="count">How many answers.</param>
    /// <exception cref="ArgumentException">The knobs are not understood.</exception>
    public void Script(string knobs, int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!BehaviourKnobs.TryApply(_options.Behaviour, knobs, out _, out var error))
        {
            throw new ArgumentException(error, nameof(knobs));
        }

        _control.Enqueue(knobs, count);
    }

    /// <summary>Forgets everything counted, kept and scripted, and returns to the behaviour of the options.</summary>
    public void Reset()
    {
        _control.Reset();
        _ledger.Reset();
    }

    /// <summary>Completes when the process is asked to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => _app.WaitForShutdownAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _pacer.Dispose();
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }
}
