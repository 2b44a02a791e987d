<?php

namespace App\Jobs;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Support\Facades\Log;

/** Yours: mark the order as paid, send the mail. */
final class HandleMintroEvent implements ShouldQueue
{
    use Dispatchable, Queueable;

    public function __construct(public array $event)
    {
    }

    public function handle(): void
    {
        match ($this->event['event']) {
            'payment.succeeded' => Log::info("paid: {$this->event['intent_id']}"),
            default => null, // also events of later versions of Mintro
        };
    }
}
