namespace Gateway.Edge.Providers.Demo;

/// <summary>What is wrong with a request, for OpenAI's error object.</summary>
internal sealed record DemoFault(string Message, string? Param, string Code);

/// <summary>Ends the reading of a request from deep inside it; caught by <see cref="DemoHandler"/> and nowhere else.</summary>
internal sealed class DemoFaultException(DemoFault fault) : Exception(fault.Message)
{
    /// <summary>What is wrong.</summary>
    public DemoFault Fault { get; } = fault;

    /// <summary>A value of the wrong type or out of range.</summary>
    public static DemoFaultException Invalid(string param, string legal)
        => new(new DemoFault($"'{param}' must be {legal}.", param, "invalid_value"));
}
