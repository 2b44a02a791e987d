<?php

namespace App\Http\Controllers;

use App\Jobs\HandleMintroEvent;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use Illuminate\Support\Facades\DB;

/** Keeps the event under its id, hands it to the queue once, and answers at once. */
final class MintroWebhookController
{
    public function __invoke(Request $request): Response
    {
        $event = $request->attributes->get('mintro_event');
        // With the queue in the same database the event and its job are there both or neither.
        DB::transaction(function () use ($event) {
            $row = ['id' => $event['id'], 'body' => json_encode($event), 'created_at' => now()];
            if (DB::table('mintro_events')->insertOrIgnore($row) === 1) {
                HandleMintroEvent::dispatch($event);
            }
        });

        return response()->noContent();
    }
}
