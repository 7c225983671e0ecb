namespace Gateway.Load.Running;

/// <summary>Something a request can be sent to.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="PlainPort">Where the plain answers are.</param>
/// <param name="StreamPort">Where the streams are.</param>
/// <param name="Pid">Whose CPU and memory count; null for the direct baseline.</param>
/// <param name="PlainModel">The model plain requests name.</param>
/// <param name="StreamModel">The model streamed requests name.</param>
internal sealed record Target(string Name, int PlainPort, int StreamPort, int? Pid, string PlainModel = Bodies.Model, string StreamModel = Bodies.Model);
