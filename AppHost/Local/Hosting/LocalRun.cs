using System.Globalization;
using Gateway.AppHost.Local.Model;
using Gateway.AppHost.Local.Processes;
using Gateway.AppHost.Local.Stores;
using Microsoft.Extensions.Configuration;

namespace Gateway.AppHost.Local.Hosting;

/// <summary>One run of the application: starts stores and services in their order, reports, and stops them again.</summary>
internal sealed class LocalRun : IDisposable
{
    // Together below the five seconds the whole stop may take.
    private static readonly TimeSpan _externalStopLimit = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan _serviceStopLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _storeStopLimit = TimeSpan.FromSeconds(1);

    private readonly LocalOptions _options;
    private readonly ProjectResource[] _projects;
    private readonly IReadOnlyList<IResource> _resources;
    private readonly IConfiguration _configuration;
    private readonly DataDirectory _data;
    private readonly Terminal _terminal;
    private readonly SupervisorServices _services;
    private readonly StatusFile _status;
    private readonly Dictionary<string, Uri> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Supervisor> _supervisors = new(StringComparer.Ordinal);
    private readonly Queue<int> _ports;
    private readonly Lock _gate = new();
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) });
    private StoreOutcome[] _stores = [];
    private bool _announced;

    /// <summary>Prepares the run and chooses its ports.</summary>
    public LocalRun(LocalOptions options, IReadOnlyList<IResource> resources, IConfiguration configuration, DataDirectory data, Terminal terminal, SupervisorServices services, int port)
    {
        (_options, _resources, _configuration, _data, _terminal, _services) = (options, resources, configuration, data, terminal, services);
        _projects = [.. resources.OfType<ProjectResource>()];
        _status = new StatusFile(data.File("apphost.json"));
        _status.Remove();
        _ports = new Queue<int>(PortChooser.Free(_projects.Length + (2 * resources.OfType<StoreResource>().Count())));
        foreach (var project in _projects)
        {
            _addresses[project.Name] = project.IsExternal
                ? new Uri($"http://localhost:{port}")
                : new Uri($"http://127.0.0.1:{(project.Port is { } fixedPort ? fixedPort : TakePort())}");
        }
    }

    /// <summary>Starts everything and prints the banner. Null when it serves, empty when it was asked to stop meanwhile, otherwise what failed.</summary>
    public async Task<string?> StartAsync(CancellationToken cancellationToken)
    {
        var began = _services.Time.GetTimestamp();
        _ = StartOrder.Waves(_projects);
        using var started = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var progress = ReportProgressAsync(started.Token);
        try
        {
            var stores = StartStores(cancellationToken);
            var parameters = _resources.OfType<ParameterResource>().ToDictionary(parameter => parameter.Name, ValueOf, StringComparer.Ordinal);
            var healthy = _projects.ToDictionary(project => project.Name, _ => new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously), StringComparer.Ordinal);
            var failures = await Task.WhenAll(_projects.Select(async project =>
            {
                var failure = await StartServiceAsync(project, stores, parameters, healthy, started.Token).ConfigureAwait(false);
                healthy[project.Name].TrySetResult(failure);
                if (failure is { Length: > 0 })
                {
                    // The others need not go on: the user has to mend this one first.
                    await started.CancelAsync().ConfigureAwait(false);
                }

                return failure;
            })).ConfigureAwait(false);
            _stores = await Task.WhenAll(stores.Values.Distinct()).ConfigureAwait(false);
            if (failures.FirstOrDefault(failure => failure is { Length: > 0 }) is { } reason)
            {
                return reason;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                return string.Empty;
            }

            Announce(_services.Time.GetElapsedTime(began));
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return string.Empty;
        }
        finally
        {
            await started.CancelAsync().ConfigureAwait(false);
            await progress.ConfigureAwait(false);
        }
    }

    /// <summary>Stops everything, the gateway's own address first and the stores last, in less than five seconds.</summary>
    /// <param name="hurry">Skips the waiting.</param>
    public async Task StopAsync(CancellationToken hurry)
    {
        _terminal.IsQuiet = true;
        if (_announced)
        {
            _terminal.Say("Stopping ...");
        }

        // The terminal may have told them as well as us: they must not come back while others are still stopping.
        foreach (var supervisor in Supervisors(_ => true))
        {
            supervisor.StopRestarting();
        }

        var external = _projects.Where(project => project.IsExternal).Select(project => project.Name).ToHashSet(StringComparer.Ordinal);
        var internals = _projects.Where(project => !project.IsExternal).Select(project => project.Name).ToHashSet(StringComparer.Ordinal);
        await StopAsync(external.Contains, _externalStopLimit, hurry).ConfigureAwait(false);
        await StopAsync(internals.Contains, _serviceStopLimit, hurry).ConfigureAwait(false);
        await StopAsync(name => !external.Contains(name) && !internals.Contains(name), _storeStopLimit, hurry).ConfigureAwait(false);
        await Task.WhenAll(Supervisors(_ => true).Select(supervisor => supervisor.KillAsync())).ConfigureAwait(false);
        _status.Remove();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var supervisor in Supervisors(_ => true))
        {
            supervisor.Dispose();
        }

        _http.Dispose();
    }

    private async Task StopAsync(Func<string, bool> which, TimeSpan limit, CancellationToken hurry)
    {
        if (!hurry.IsCancellationRequested)
        {
            Task stopped = Task.WhenAll(Supervisors(which).Select(supervisor => supervisor.StopAsync(limit)));
            await stopped.WaitAsync(hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private List<Supervisor> Supervisors(Func<string, bool> which)
    {
        lock (_gate)
        {
            return [.. _supervisors.Values.Where(supervisor => which(supervisor.Name))];
        }
    }

    private Dictionary<string, Task<StoreOutcome>> StartStores(CancellationToken cancellationToken)
    {
        var context = new StoreContext
        {
            DataDirectory = _data.Root,
            UsePrograms = _options.UseStores,
            Environment = Environment.GetEnvironmentVariable,
            Services = _services,
            OpenLog = OpenStoreLog,
            TakePort = TakePort,
            Http = _http,
            Started = Remember,
        };
        var stores = new Dictionary<string, Task<StoreOutcome>>(StringComparer.Ordinal);
        foreach (var store in _resources.OfType<StoreResource>())
        {
            stores[store.Name] = StoreStarter.StartAsync(store, context, cancellationToken);
        }

        foreach (var database in _resources.OfType<PostgresDatabaseResource>())
        {
            stores[database.Name] = stores[database.Parent.Name];
        }

        return stores;
    }

    private async Task<string?> StartServiceAsync(
        ProjectResource project,
        Dictionary<string, Task<StoreOutcome>> stores,
        Dictionary<string, string> parameters,
        Dictionary<string, TaskCompletionSource<string?>> healthy,
        CancellationToken cancellationToken)
    {
        try
        {
            // Also without WaitFor: whether a referenced store exists decides what the service is told.
            var connections = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
            foreach (var name in project.References.Concat(project.WaitsFor).Select(resource => resource.Name).Where(stores.ContainsKey))
            {
                connections[name] = (await stores[name].WaitAsync(cancellationToken).ConfigureAwait(false)).ConnectionStrings;
            }

            foreach (var dependency in project.WaitsFor.OfType<ProjectResource>())
            {
                if (await healthy[dependency.Name].Task.WaitAsync(cancellationToken).ConfigureAwait(false) is not null)
                {
                    return string.Empty;
                }
            }

            var topology = new Topology { EnvironmentName = _options.EnvironmentName, Addresses = _addresses, ConnectionStrings = connections, Parameters = parameters };
            var supervisor = new Supervisor(Describe(project, topology), _services, OpenLog(project.Name));
            Remember(supervisor);
            supervisor.Start();
            return await supervisor.Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return string.Empty;
        }
    }

    private SupervisedProcess Describe(ProjectResource project, Topology topology)
    {
        var probe = new Uri($"http://127.0.0.1:{_addresses[project.Name].Port}{project.HealthPath ?? "/"}");
        var context = new HealthProbe(_http);
        return new SupervisedProcess
        {
            Name = project.Name,
            Command = new ChildCommand
            {
                File = Programs.Dotnet,
                Arguments = [project.Project.TargetPath],
                Environment = EnvironmentComposer.Compose(project, topology, Environment.GetEnvironmentVariable),
                // appsettings.json lies beside the assembly.
                WorkingDirectory = Path.GetDirectoryName(project.Project.TargetPath),
            },
            Probe = project.HealthPath is null ? _ => Task.FromResult(true) : token => context.AnswersAsync(probe, null, token),
        };
    }

    private string ValueOf(ParameterResource parameter) =>
        _configuration["Parameters:" + parameter.Name] is { Length: > 0 } given
            ? given
            : Secrets.ReadOrCreate(_data.File(parameter.Name.Replace('-', '.')), parameter.Generator.GetDefaultValue);

    private ServiceLog OpenLog(string name) =>
        new(_data.File("logs", name + ".log"), line => _terminal.Log(name, line), new LogFilter(_options.Verbose), _services.Time);

    // Stores chat on standard error about everything; what matters is said when one of them stops.
    private ServiceLog OpenStoreLog(string name) =>
        new(_data.File("logs", name + ".log"), _options.Verbose ? line => _terminal.Log(name, line) : null, new LogFilter(_options.Verbose), _services.Time);

    private int TakePort()
    {
        lock (_gate)
        {
            return _ports.Dequeue();
        }
    }

    private void Remember(Supervisor supervisor)
    {
        lock (_gate)
        {
            _supervisors[supervisor.Name] = supervisor;
            supervisor.Changed += WriteStatus;
        }
    }

    private void Announce(TimeSpan took)
    {
        var isDevelopment = string.Equals(_options.EnvironmentName, "Development", StringComparison.OrdinalIgnoreCase);
        _announced = true;
        WriteStatus();
        _terminal.Say(Banner.Compose(GatewayUrl(), _data, isDevelopment, _stores, took));
    }

    private string GatewayUrl() => _addresses[_projects.First(project => project.IsExternal).Name].GetLeftPart(UriPartial.Authority);

    private void WriteStatus()
    {
        if (_announced)
        {
            _status.Write(() => new HostStatus(
                Environment.ProcessId,
                GatewayUrl(),
                _projects.ToDictionary(project => project.Name, ServiceStatusOf, StringComparer.Ordinal),
                _stores.ToDictionary(store => store.Name, store => new StoreStatus(store.Kind.ToString().ToLowerInvariant(), store.Supervisor?.ProcessId), StringComparer.Ordinal)));
        }
    }

    private ServiceStatus ServiceStatusOf(ProjectResource project)
    {
        var supervisor = _supervisors[project.Name];
        return new ServiceStatus(_addresses[project.Name].GetLeftPart(UriPartial.Authority), supervisor.ProcessId, supervisor.Restarts);
    }

    private async Task ReportProgressAsync(CancellationToken cancellationToken)
    {
        var began = _services.Time.GetTimestamp();
        for (var wait = TimeSpan.FromSeconds(2); ; wait = TimeSpan.FromSeconds(5))
        {
            await Task.Delay(wait, _services.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            var waiting = _projects.Where(project => !Supervisors(name => name == project.Name).Any(supervisor => supervisor.Started.IsCompleted)).Select(project => project.Name);
            var seconds = _services.Time.GetElapsedTime(began).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
            _terminal.Say($"Starting ({seconds} s) ... waiting for {string.Join(", ", waiting)}");
        }
    }
}
